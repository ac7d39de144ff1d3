# Two images from one file, each with its own half of the dependencies and nothing of the other's:
#   docker build --target gateway -t fairgate-gateway .     sees the traffic: mitmproxy, no store, no pages
#   docker build --target server  -t fairgate-server .      store, loader, dashboard: no mitmproxy
# The network is used for the package index alone, while building. Nothing is fetched at run time.

FROM python:3.13-slim-bookworm AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /opt/fairgate
COPY pyproject.toml uv.lock README.md LICENSE fairgate.py ./
COPY config config
COPY analytics analytics
COPY proxy_addons proxy_addons
COPY dashboard dashboard

FROM build AS build-gateway
RUN uv sync --locked --no-cache --no-editable --no-default-groups --group gateway

FROM build AS build-server
RUN uv sync --locked --no-cache --no-editable --no-default-groups --group server

FROM python:3.13-slim-bookworm AS bare
# The folders are made here so that fresh volumes mounted on them belong to the account that runs.
RUN groupadd --gid 10001 fairgate \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/fairgate --no-create-home --shell /usr/sbin/nologin fairgate \
 && for part in . gateway gateway/spool snapshot lists governance dashboard; do \
      install -d -o fairgate -g fairgate -m 0700 "/var/lib/fairgate/$part"; done
ENV PATH=/opt/fairgate/.venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/fairgate
USER 10001:10001
ENTRYPOINT ["fairgate"]

FROM bare AS gateway
COPY --from=build-gateway /opt/fairgate/.venv /opt/fairgate/.venv
CMD ["gateway", "--state", "/var/lib/fairgate"]
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["fairgate", "health", "gateway", "--state", "/var/lib/fairgate"]

FROM bare AS server
COPY --from=build-server /opt/fairgate/.venv /opt/fairgate/.venv
CMD ["dashboard", "--state", "/var/lib/fairgate"]
EXPOSE 8050
# One image, two processes: docker-compose.yml asks the loader for `store` instead.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s CMD ["fairgate", "health", "dashboard", "--state", "/var/lib/fairgate"]

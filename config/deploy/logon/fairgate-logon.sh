#!/bin/sh
# Tells the school's gateway who logged on to this computer, and off.
#
# Run it at the start and the end of a session: from /etc/X11/Xsession.d, a desktop's autostart, or pam_exec
# (PAM_TYPE is then "open_session" or "close_session"). Without pam_exec: fairgate-logon.sh logon | logoff.
# The token is this computer's own (fairgate devices token ID): one line in the file below. It never delays a logon.
: "${FAIRGATE_PORTAL:=https://fairgate.example.sch.uk:8443}"
: "${FAIRGATE_TOKEN_FILE:=/etc/fairgate/token}"
: "${FAIRGATE_CA:=}"

case "${PAM_TYPE:-${1:-logon}}" in
    open_session | logon) action=logon ;;
    close_session | logoff) action=logoff ;;
    *) exit 0 ;;
esac
user=${PAM_USER:-$(id -un)}
case "$user" in
    *[!A-Za-z0-9._@-]*) exit 0 ;; # no name that would have to be quoted
esac
token=$(head -n 1 "$FAIRGATE_TOKEN_FILE" 2>/dev/null) || exit 0

# The token goes in by standard input, so that it stands in no list of processes.
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl --silent --max-time 5 --output /dev/null --config - ${FAIRGATE_CA:+--cacert "$FAIRGATE_CA"} \
        --header 'Content-Type: application/json' --data "{\"user\": \"$user\"}" "$FAIRGATE_PORTAL/$action"
exit 0

// What must run in the browser: light and dark, the page's title, the day picker. No record is ever kept here;
// the one thing remembered is the choice of light or dark.
(function () {
  const KEY = "fairgate-look";
  const remembered = () => {
    try { return localStorage.getItem(KEY); } catch (refused) { return null; }
  };
  const preferred = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const still = () => window.dash_clientside.no_update;
  const IDLE_MS = 30 * 60 * 1000;
  let before = null, active = Date.now();

  // The status line asks every half minute, which would keep a forgotten page signed in all day: so the page itself
  // signs out when nobody has touched it for as long as a session may idle.
  for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    addEventListener(sign, () => { active = Date.now(); }, { passive: true });
  }
  setInterval(() => {
    const leave = document.querySelector('form[action="/sign-out"]');
    if (leave && Date.now() - active > IDLE_MS) leave.submit();
  }, 30 * 1000);

  // A session that has ended shows the sign-in, not a page that no longer answers.
  const send = window.fetch;
  window.fetch = async function (...asked) {
    const answer = await send.apply(this, asked);
    if (answer.status !== 401) return answer;
    location.assign("/sign-in");
    return new Promise(() => {}); // nobody is left to make anything of it
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    fairgate: {
      look(clicks) {
        let look = remembered() || preferred();
        if (clicks) {
          look = look === "dark" ? "light" : "dark";
          try { localStorage.setItem(KEY, look); } catch (refused) { /* private window: lasts for this page */ }
        }
        return [look, look === "dark" ? "true" : "false"];
      },
      title(title) {
        document.title = title || "Fairgate";
        if (before !== null && before !== location.pathname) {
          const heading = document.querySelector("main h1");
          if (heading) heading.focus({ preventScroll: true });
          scrollTo(0, 0);
        }
        before = location.pathname;
        return "";
      },
      day(value, search) {
        const shown = document.getElementById("day");
        if (!value || !shown || shown.dataset.day === value) return still();
        const wanted = new URLSearchParams(search || "");
        wanted.set("day", value);
        return "?" + wanted.toString();
      },
    },
  });
})();

// Light or dark before the first paint, so that a dark page does not flash white.
(function () {
  let look = null;
  try { look = localStorage.getItem("fairgate-look"); } catch (refused) { look = null; }
  look = look || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.setAttribute("data-mantine-color-scheme", look);
})();

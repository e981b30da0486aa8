// Runs in the head, before anything is drawn: #theme=dark|light wins over a stored choice, which wins over the system.
(function () {
  var named = /[#&]theme=(dark|light)/.exec(location.hash);
  var theme = named && named[1];
  try { theme = theme || localStorage.getItem("verillm-theme"); } catch (e) { /* storage may be closed to files */ }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
})();

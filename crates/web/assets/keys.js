// A key pressed by itself presses the button, or follows the link, that names it.
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, select, textarea")) return;
  const key = event.key.toLowerCase();
  if (!/^[a-z0-9]$/.test(key)) return;
  const named = document.querySelector(`[data-key="${key}"]`);
  if (!named) return;
  event.preventDefault();
  named.click();
});

// What every page can do besides: "/" goes to the search box, a list says how many of its rows are chosen, a text is copied, what is being counted is shown
// once it is there, and a list for paper opens the browser's dialogue. Without it the pages say the same in words.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, select, textarea")) return;
  const box = document.querySelector("form[role=search] input[type=search]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

for (const form of document.querySelectorAll("form.rows-chosen")) {
  const bar = form.querySelector(".chosen");
  const tell = () => {
    const some = form.querySelectorAll("input[name=row]:checked").length;
    bar.querySelector("span").textContent = bar.dataset.told.replace("0", some);
    bar.hidden = some === 0;
  };
  form.addEventListener("change", tell);
  // A browser that comes back to a page may have kept what was ticked.
  window.addEventListener("pageshow", tell);
  tell();
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = button.dataset.copied;
  });
}

const counting = document.querySelector("[data-counting]");
if (counting) {
  const look = async () => {
    const answer = await fetch(location.href).catch(() => null);
    const text = answer?.ok ? await answer.text() : "data-counting";
    if (text.includes("data-counting")) setTimeout(look, 3000);
    else location.reload();
  };
  setTimeout(look, 1000);
}

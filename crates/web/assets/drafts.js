// What somebody fills in is kept in this tab until it is sent, so that a page that was left or reloaded has it again. It is gone with the tab.
const START = "draft:";

const fields = (form) =>
  [...form.elements].filter((field) => field.name && !["hidden", "submit", "button", "file"].includes(field.type));

const chosen = (field) => ["radio", "checkbox"].includes(field.type);

const read = (form) => fields(form).map((field) => [field.name, field.value, chosen(field) ? field.checked : null]);

for (const form of document.querySelectorAll("form[data-draft]")) {
  const own = `${START}${form.dataset.owner}:`;
  const key = own + form.dataset.draft;
  const atFirst = JSON.stringify(read(form));

  const keep = () => {
    const now = JSON.stringify(read(form));
    if (now === atFirst && form.dataset.fresh) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, now);
  };

  const fill = (kept) => {
    for (const [name, value, checked] of kept) {
      for (const field of fields(form).filter((field) => field.name === name)) {
        if (checked === null) field.value = value;
        else if (field.value === value) field.checked = checked;
      }
    }
  };

  const tell = () => {
    const told = document.createElement("p");
    told.className = "note";
    told.setAttribute("role", "status");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "quiet";
    discard.textContent = form.dataset.discard;
    discard.addEventListener("click", () => {
      fill(JSON.parse(atFirst));
      sessionStorage.removeItem(key);
      told.remove();
    });
    told.append(form.dataset.restored, " ", discard);
    form.prepend(told);
  };

  try {
    // Somebody else was at the desk before: what they left is none of ours.
    for (const other of Object.keys(sessionStorage)) {
      if (other.startsWith(START) && !other.startsWith(own)) sessionStorage.removeItem(other);
    }
    const kept = sessionStorage.getItem(key);
    if (!form.dataset.fresh) keep();
    else if (kept !== null && kept !== atFirst) {
      fill(JSON.parse(kept));
      tell();
    }
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    form.addEventListener("submit", (event) => {
      if (event.submitter?.value === "write") sessionStorage.removeItem(key);
    });
  } catch {
    // A browser that keeps nothing keeps no drafts.
  }
}

// Saves each answer as it is given, and lets the keyboard walk through the items. Without this script the page is a
// plain form. Nothing is called saved before the server has said so.
"use strict";
(() => {
  const form = document.querySelector("[data-answers]");
  if (!form) return;
  const items = [...form.querySelectorAll("[data-item]")];
  const alertBox = document.querySelector("[data-alert]");
  const waiting = new Map(); // item → what has to be saved, newest only
  const unsaved = new Set(); // items with something typed that does not count yet
  let busy = false;

  const chosen = (li) => li.querySelector("input[type=radio]:checked")?.value ?? "";
  const reason = (li) => li.querySelector(".reason input");
  const needsReason = (li) => chosen(li) === "revoke" || li.hasAttribute("data-why");
  const state = (li, text, bad) => {
    const p = li.querySelector("[data-state]");
    p.textContent = "";
    if (bad) {
      const b = document.createElement("b");
      b.className = "bad";
      b.textContent = "Not saved: ";
      p.append(b);
    }
    p.append(text);
    li.classList.toggle("problem", Boolean(bad));
    const field = reason(li);
    if (bad) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", p.id); } else { field.removeAttribute("aria-invalid"); }
  };
  const show = (text) => { alertBox.textContent = text; alertBox.hidden = !text; };
  const nonce = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  const offer = (li) => { // what is typed is to be saved, unless a reason is still missing
    const answer = chosen(li);
    if (!answer) return;
    unsaved.add(li.dataset.item);
    li.classList.remove("saved", "certify", "revoke");
    if (needsReason(li) && !reason(li).value.trim()) {
      state(li, answer === "revoke" ? "Say why it should go; Enter saves." : "Say why it may stay; Enter saves.");
      reason(li).focus();
      return;
    }
    waiting.set(li.dataset.item, { li, answer, reason: reason(li).value.trim(), nonce: nonce() });
    state(li, "Saving …");
    send();
  };

  const send = async () => {
    if (busy || waiting.size === 0) return;
    busy = true;
    const [id, job] = waiting.entries().next().value;
    waiting.delete(id);
    const body = new URLSearchParams({ csrf: form.elements.csrf.value, nonce: job.nonce, ["d." + id]: job.answer, ["r." + id]: job.reason });
    let said = null, status = 0;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      status = answer.status;
      said = await answer.json();
    } catch { /* no answer: said stays null */ }
    busy = false;
    if (said && Array.isArray(said.saved) && said.saved.includes(id)) {
      if (!waiting.has(id)) {
        unsaved.delete(id);
        state(job.li, "Saved");
        job.li.classList.add("saved", job.answer);
      }
      show("");
      count(said);
    } else if (!waiting.has(id)) {
      const why = said?.problems?.[id] ?? said?.error?.replace(/^Not saved: /, "") ?? "no answer came. Check your connection and press Save answers.";
      state(job.li, why, true);
      if (status !== 422) show("An answer was not saved: " + why);
    }
    send();
  };

  const count = (said) => {
    const put = (name, n) => { const e = document.querySelector("[data-" + name + "]"); if (e) e.textContent = n.toLocaleString("en"); };
    put("done", said.done); put("certified", said.certified); put("revoked", said.revoked);
    const svg = document.querySelector("[data-progress] svg");
    if (svg && said.items > 0) {
      const kept = 100 * said.certified / said.items, gone = 100 * said.revoked / said.items;
      svg.querySelector(".certified").setAttribute("width", kept);
      svg.querySelector(".revoked").setAttribute("x", kept);
      svg.querySelector(".revoked").setAttribute("width", gone);
      svg.setAttribute("aria-label", `${said.done} of ${said.items} answered: ${said.certified} certified, ${said.revoked} revoked`);
    }
    for (const [key, text] of Object.entries(said.groups ?? {})) {
      const e = document.querySelector(`[data-tally="${CSS.escape(key)}"]`);
      if (e) e.textContent = text;
    }
    if (said.done >= said.items && waiting.size === 0 && unsaved.size === 0) location.reload();
  };

  form.addEventListener("change", (e) => {
    const li = e.target.closest("[data-item]");
    if (!li) return;
    if (e.target.type === "radio" || reason(li).value.trim() || li.classList.contains("saved")) offer(li);
  });
  form.addEventListener("input", (e) => {
    const li = e.target.closest("[data-item]");
    if (li && e.target.type === "text") unsaved.add(li.dataset.item);
  });
  form.addEventListener("keydown", (e) => {
    const li = e.target.closest("[data-item]");
    if (!li || e.target.type !== "text") return;
    if (e.key === "Enter") { e.preventDefault(); offer(li); step(li, 1); }
    if (e.key === "Escape") { e.preventDefault(); li.focus(); }
  });
  form.addEventListener("submit", () => unsaved.clear());
  addEventListener("beforeunload", (e) => { if (unsaved.size > 0) e.preventDefault(); });

  const hint = form.querySelector("[data-hint]");
  if (hint) hint.textContent = "Each answer is saved as you give it. This button saves what is left.";

  // The keyboard: single keys count only while an item has the focus, and can be switched off.
  const keys = document.querySelector("[data-keys]"), on = document.querySelector("[data-keys-on]");
  if (!keys || items.length === 0) return;
  keys.hidden = false;
  try { on.checked = localStorage.getItem("latchkey-keys") !== "off"; } catch { /* no storage: on */ }
  on.addEventListener("change", () => { try { localStorage.setItem("latchkey-keys", on.checked ? "on" : "off"); } catch { /* for this page only */ } });
  const go = (li) => { if (li) { li.focus({ preventScroll: true }); li.scrollIntoView({ block: "center" }); } };
  const step = (li, by) => go(items[items.indexOf(li) + by] ?? li);
  items.forEach((li, n) => { li.tabIndex = n === 0 ? 0 : -1; });
  form.addEventListener("focusin", (e) => {
    const li = e.target.closest("[data-item]");
    if (li) items.forEach((other) => { other.tabIndex = other === li ? 0 : -1; });
  });
  form.addEventListener("keydown", (e) => {
    const li = e.target.closest("[data-item]");
    if (!li || !on.checked || e.ctrlKey || e.metaKey || e.altKey || e.target.type === "text") return;
    const pick = (answer) => { const r = li.querySelector(`input[value=${answer}]`); if (r) { r.checked = true; offer(li); } };
    const act = {
      j: () => step(li, 1), k: () => step(li, -1), c: () => pick("certify"), r: () => pick("revoke"),
      u: () => { const at = items.indexOf(li); go([...items.slice(at + 1), ...items.slice(0, at)].find((o) => !chosen(o) && o.querySelector(".answer"))); },
    }[e.key.toLowerCase()];
    if (act) { e.preventDefault(); act(); }
  });
})();

// Passkeys: asks the browser for one when a form of theirs is sent, and sends its answer along. What the server
// says, it says on the page that follows.
const able = "parseCreationOptionsFromJSON" in (window.PublicKeyCredential ?? {});

async function answer(form) {
  const asked = await fetch(form.dataset.passkey, { method: "POST", body: new FormData(form) });
  // Sent without an answer, the form comes back with what is wrong.
  if (!asked.ok) return null;
  const { publicKey } = await asked.json();
  const given = publicKey.user
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  return JSON.stringify(given);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[data-problem]");
  form.hidden = !able;
  document.querySelector("[data-no-passkey]")?.toggleAttribute("hidden", able);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      form.elements.answer.value = (await answer(form)) ?? "";
      form.submit();
    } catch (error) {
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
      problem.hidden = false;
    }
  });
}

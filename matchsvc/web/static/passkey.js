/* Asks the browser for a passkey and sends the form with its answer. Without this file the page
   says how to log in another way. */
(() => {
  "use strict";
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const answerOf = (key) => {
    const said = key.response;
    const response = { clientDataJSON: text(said.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (said[name]) response[name] = text(said[name]);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  };
  const ask = (kind, options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (kind === "get") {
      publicKey.allowCredentials = listed(options.allowCredentials);
      return navigator.credentials.get({ publicKey });
    }
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = listed(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  };
  for (const button of document.querySelectorAll("button[data-passkey]")) {
    const form = button.form;
    const failed = document.getElementById("passkey-failed");
    button.addEventListener("click", async () => {
      failed.hidden = true;
      const name = form.querySelector("input[name=name]");
      if (name && !name.reportValidity()) return;
      try {
        const key = await ask(button.dataset.passkey, JSON.parse(button.dataset.options));
        form.querySelector("input[data-passkey-answer]").value = answerOf(key);
        form.submit();
      } catch {
        failed.hidden = false;
        failed.focus();
      }
    });
  }
})();

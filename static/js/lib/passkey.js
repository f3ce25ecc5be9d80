// Passkeys, by the browser's own JSON methods: what the server asks goes in, what it checks comes out.

/** Can this browser make and use passkeys here? They need a secure context. */
export function canUsePasskeys() {
  const kind = globalThis.PublicKeyCredential;
  return Boolean(
    globalThis.isSecureContext && kind?.parseCreationOptionsFromJSON && kind.parseRequestOptionsFromJSON && navigator.credentials,
  );
}

/** Can this browser offer passkeys in a text field, without a press? */
export async function canFillIn() {
  if (!canUsePasskeys()) return false;
  return Boolean(await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false));
}

/** Make a passkey as `options` ask; rejects as the browser does. */
export async function make(options, signal) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return JSON.stringify(await navigator.credentials.create({ publicKey, signal }));
}

/** Have a passkey answer what `options` ask; with `quietly` it is offered in a text field and waits there. */
export async function prove(options, { signal, quietly = false } = {}) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const mediation = quietly ? "conditional" : "optional";
  return JSON.stringify(await navigator.credentials.get({ publicKey, signal, mediation }));
}

/** Name what went wrong: "cancelled" by the person or by time, "known" already, else "failed"; "" when we broke it off. */
export function troubleOf(error) {
  if (error?.name === "AbortError") return "";
  return { NotAllowedError: "cancelled", InvalidStateError: "known" }[error?.name] ?? "failed";
}

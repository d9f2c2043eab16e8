// Where the reader puts a key or token.

import { useState } from "preact/hooks";
import { credential, type Credential } from "../call/credentials";
import type { Security } from "../model/api";

interface Props {
  /** Unknown before the model is there. */
  security: Security | undefined;
  fault?: string | undefined;
  submit: (given: Credential | undefined) => void;
}

export function KeyForm({ security, fault, submit }: Props) {
  const known = credential.value;
  const [secret, setSecret] = useState(known?.secret ?? "");
  const [isBearer, setBearer] = useState(known?.isBearer ?? security?.keyHeader === undefined);
  const hasChoice = security?.keyHeader !== undefined && security.bearer;
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit(secret === "" ? undefined : { isBearer: isBearer || security?.keyHeader === undefined, secret });
      }}
    >
      {hasChoice && (
        <fieldset class="choice">
          <legend>Sent as</legend>
          <label>
            <input type="radio" name="kind" checked={!isBearer} onChange={() => setBearer(false)} />
            <code>{security.keyHeader}</code>
          </label>
          <label>
            <input type="radio" name="kind" checked={isBearer} onChange={() => setBearer(true)} />
            <code>Authorization: Bearer</code>
          </label>
        </fieldset>
      )}
      <label for="credential">{label(security, isBearer)}</label>
      <input
        id="credential"
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={secret}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : "credential-fault"}
        onInput={(event) => setSecret(event.currentTarget.value)}
      />
      {fault !== undefined && (
        <p class="fault" id="credential-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary">
          Use it
        </button>
        {known !== undefined && (
          <button type="button" onClick={() => submit(undefined)}>
            Forget it
          </button>
        )}
      </div>
    </form>
  );
}

function label(security: Security | undefined, isBearer: boolean): string {
  if (security === undefined) return "Key or token";
  return isBearer || security.keyHeader === undefined ? "Token" : "API key";
}

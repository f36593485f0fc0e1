import { useState } from "react";
import type { SignedInFragment } from "../graph/generated/graphql";
import { GraphError } from "../graph/transport";
import { begin } from "./session";

/** What a login asks for besides what was given. */
export type SecondStep = { challenge: string; methods: string[] };

/** Signs in by whatever way is given; says what is asked for in addition, and what went wrong. */
export function useSignIn(onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [step, setStep] = useState<SecondStep | null>(null);
  const enter = async (by: () => Promise<SignedInFragment | null | undefined>) => {
    setBusy(true);
    setError(null);
    try {
      const begun = await by();
      if (!begun) return;
      begin(begun);
      onDone();
    } catch (refused) {
      const asked = stepOf(refused);
      if (asked) setStep(asked);
      else setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const startAnew = () => {
    setStep(null);
    setError(null);
  };
  return { busy, error, step, enter, startAnew };
}

function stepOf(refused: unknown): SecondStep | null {
  if (!(refused instanceof GraphError) || refused.reason !== "SECOND_FACTOR_REQUIRED") return null;
  const { challenge, methods } = refused.details;
  return typeof challenge === "string" ? { challenge, methods: Array.isArray(methods) ? methods.map(String) : [] } : null;
}

import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { GraphError } from "../graph/transport";
import { refusalWords } from "../words/refusals";
import { Button } from "./Button";
import { Notice } from "./Notice";

/** In place of what could not be shown. */
export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  return (
    <Notice>
      <p>{wordsOf(error) ?? <Trans>Something went wrong on our side. Nothing was charged.</Trans>}</p>
      {again && (
        <Button look="quiet" onPress={again}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </Notice>
  );
}

/** In answer to what somebody has just done. It takes the focus, unless it is said otherwise. */
export function Refused({ error, focused = true, children }: { error: unknown; focused?: boolean; children?: ReactNode }) {
  return (
    <Notice focused={focused}>
      <p>{wordsOf(error) ?? <Trans>That did not work. Try again.</Trans>}</p>
      {children}
    </Notice>
  );
}

/** What the graph says to the buyer; null where it is no answer of the graph. */
export function wordsOf(error: unknown): string | null {
  return error instanceof GraphError ? refusalWords(error) : null;
}

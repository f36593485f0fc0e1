import { Trans } from "@lingui/react/macro";
import { GraphError } from "../graph/transport";
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

/** What the graph says to the buyer; null where it is no answer of the graph. */
export function wordsOf(error: unknown): string | null {
  return error instanceof GraphError ? error.message : null;
}

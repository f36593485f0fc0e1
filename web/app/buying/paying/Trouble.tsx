import { Trans } from "@lingui/react/macro";
import { isFinal } from "../../graph/ask";
import type { PlacedOrderFragment } from "../../graph/generated/graphql";
import { Refused } from "../../ui/Failure";
import { Notice } from "../../ui/Notice";
import { useOrderSteps } from "../useOrderSteps";

/** Why it is not paid yet, if it was tried. */
export function Trouble({ order, error }: { order: PlacedOrderFragment; error: unknown }) {
  const wordsOf = useOrderSteps();
  if (error !== null) {
    return (
      <Refused error={error}>
        {!isFinal(error) && (
          <p>
            <Trans>You can press the button again: whatever arrived is charged once.</Trans>
          </p>
        )}
      </Refused>
    );
  }
  const declined = order.status === "PAYMENT_FAILED" ? order.history.findLast(({ kind }) => kind === "PAYMENT_DECLINED") : null;
  return declined ? (
    <Notice>
      <p>{wordsOf(declined)}</p>
    </Notice>
  ) : null;
}

import { Trans } from "@lingui/react/macro";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";

/** For who left the bank's question unanswered. */
export function AtTheBank({ onPress }: { onPress: () => void }) {
  return (
    <Notice look="calm">
      <p>
        <Trans>Your bank waits for you to confirm the payment. Go on there, or pay another way.</Trans>
      </p>
      <Button look="quiet" onPress={onPress}>
        <Trans>Confirm at the bank</Trans>
      </Button>
    </Notice>
  );
}

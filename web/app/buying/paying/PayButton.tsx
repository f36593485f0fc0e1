import { Trans } from "@lingui/react/macro";
import type { PlacedOrderFragment } from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { useFormats } from "../../words/useFormats";
import type { Progress } from "./usePaying";

/** Says how much is paid by a press. */
export function PayButton({ order, progress, ready = true }: { order: PlacedOrderFragment; progress: Progress; ready?: boolean }) {
  const format = useFormats();
  const total = format.money(order.total.total);
  return (
    <Button type="submit" isDisabled={!ready || progress !== "ready"}>
      {progress === "ready" ? <Trans>Pay {total}</Trans> : <Trans>Paying…</Trans>}
    </Button>
  );
}

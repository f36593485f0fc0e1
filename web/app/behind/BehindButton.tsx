import { Trans } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";
import { Button } from "../ui/Button";

const Behind = lazy(async () => ({ default: (await import("./Behind")).Behind }));

/** Opens what the page is made of. */
export function BehindButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="plain" onPress={() => setOpen(true)}>
        <Trans>Behind this page</Trans>
      </Button>
      {open && (
        <Suspense>
          <Behind onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

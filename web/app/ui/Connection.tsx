import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNetwork } from "../graph/network";
import styles from "./Connection.module.css";
import { useStatus } from "./useStatus";

/** Says while the shop cannot be reached, and reads again what is shown once it can. */
export function Connection() {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const up = useNetwork();
  const was = useRef(up);
  useEffect(() => {
    if (up && !was.current) {
      client.invalidateQueries();
      say(t`The connection is back.`);
    }
    was.current = up;
  }, [up, client, say, t]);
  if (up) return null;
  return (
    <div role="alert" className={styles.lost}>
      <WifiOff aria-hidden />
      <p>
        <Trans>No connection. What you see may be out of date; it is tried again by itself, and your cart is kept.</Trans>
      </p>
    </div>
  );
}

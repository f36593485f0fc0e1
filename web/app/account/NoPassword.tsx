import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

/** Where to go who is asked for a password and has none. */
export function NoPassword() {
  return (
    <p className="soft">
      <Link to="/account/forgot">
        <Trans>No password, or forgotten?</Trans>
      </Link>
    </p>
  );
}

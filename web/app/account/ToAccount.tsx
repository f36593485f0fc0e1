import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import styles from "./AccountPage.module.css";

/** From a page of an account back to the account. */
export function ToAccount() {
  return (
    <Link to="/account" className={styles.up}>
      <ArrowLeft aria-hidden />
      <Trans>Your account</Trans>
    </Link>
  );
}

// Stands in for Stripe's library in a browser, which comes from elsewhere: what the storefront uses of it, with Stripe's test
// cards. It makes tokens that name their card; the bank's question is answered at the sandbox.
window.Stripe = (publishableKey, { locale }) => {
  const told = { publishableKey, locale, updates: [] };
  window.toldToStripe = told;
  let tokens = 0;
  let number;
  return {
    elements(options) {
      Object.assign(told, options);
      return {
        create: (kind, more) => {
          Object.assign(told, { kind, ...more });
          const heard = {};
          return {
            mount(place) {
              const label = document.createElement("label");
              label.textContent = "Card number";
              number = document.createElement("input");
              number.oninput = () => heard.change?.();
              label.append(number);
              place.append(label);
              setTimeout(() => heard.ready?.());
            },
            on: (event, listener) => {
              heard[event] = listener;
            },
            destroy: () => number.parentElement.remove(),
          };
        },
        update: (change) => told.updates.push(change),
        submit: async () => (/^\d{16}$/.test(number.value) ? {} : { error: { type: "validation_error", message: "Incomplete." } }),
      };
    },
    createConfirmationToken: async ({ params }) => {
      told.returnUrl = params.return_url;
      tokens += 1;
      return { confirmationToken: { id: `ctoken_${number.value}_${tokens}` } };
    },
    handleNextAction: ({ clientSecret }) => {
      const [intent] = clientSecret.split("_secret_");
      const dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", "Your bank");
      document.body.append(dialog);
      return new Promise((resolve) => {
        const answer = (words, decision, result) => {
          const button = document.createElement("button");
          button.textContent = words;
          button.onclick = async () => {
            await fetch(`/sandbox/authenticate/${intent}/${decision}`, { method: "POST", redirect: "manual" });
            dialog.remove();
            resolve(result);
          };
          dialog.append(button);
        };
        answer("Complete", "approve", {});
        answer("Fail", "fail", { error: { type: "invalid_request_error", message: "We are unable to authenticate your card." } });
        dialog.showModal();
      });
    },
  };
};

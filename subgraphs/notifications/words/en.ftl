### What mails, SMS and lists of messages say, in English. `de.ftl` says the same in German, with the same variables.

## In every mail

hello = Hello { $name },
hello-nobody = Hello,
sent-by = Sent by
questions = Questions? Write to
stop-these-mails = No more mails of this kind
with-order = { $subject } (order { $number })
your-order = your order
order-and-title = order { $number }, { $title },
the-organizer-says = The organizer says: { $reason }
doors = Doors { $doors }
clocks-of = All times are those of { $zone }.
row = row { $row }
seat = seat { $seat }
code = code { $code }
paid = Paid
for-free = nothing, it is free
see-tickets = Show your tickets
see-event = Look at the event
file-invoice = invoice-{ $number }
file-credit-note = credit-note-{ $number }
see-order = Look at the order
claim-order = Keep this order in an account

## Tickets

tickets-for = { $tickets ->
    [one] Your ticket for { $title }
   *[other] Your tickets for { $title }
 }
bought = { $tickets ->
    [one] thank you for your order { $number }. Your ticket is in the attached PDF, a page for each person: show it at the door, on paper or on a screen. The calendar file puts the date into your calendar.
   *[other] thank you for your order { $number }. Your tickets are in the attached PDF, a page for each person: show it at the door, on paper or on a screen. The calendar file puts the date into your calendar.
 }
bought-listed-subject = Your tickets for { $title } are here
bought-listed = { $tickets ->
    [one] Order { $number } is complete: one ticket for { $title }. It is on its way to you by mail as well.
   *[other] Order { $number } is complete: { $tickets } tickets for { $title }. They are on their way to you by mail as well.
 }
invoice-attached = Invoice { $number } is attached as well.
unmailed = We send only so many mails to others for one account and day, and have sent none to { $names }: please hand them their tickets yourself.
and-more = { $names } and { $count } more
bought-for-you = { $tickets ->
    [one] { $from } has bought a ticket for you. You find it in the attached PDF: show it at the door, on paper or on a screen. The calendar file puts the date into your calendar.
   *[other] { $from } has bought { $tickets } tickets for you. You find them in the attached PDF: show it at the door, on paper or on a screen. The calendar file puts the date into your calendar.
 }
sms-bought = Your tickets for { $title } are here. Order { $number }: { $url }
sms-have-tickets = You have tickets for { $title }: { $url }

## Tickets that changed hands

given-to-you-subject = Your ticket for { $title }
given-to-you = { $from } has given you a ticket. You find it in the attached PDF: show it at the door, on paper or on a screen. The calendar file puts the date into your calendar.
given-to-you-nobody = you were given a ticket. You find it in the attached PDF: show it at the door, on paper or on a screen. The calendar file puts the date into your calendar.
given-to-you-in-short = A ticket for { $title } is yours now.
given-away-subject = Your ticket has a new holder: { $title }
given-away = your ticket for { $title }, { $days }, belongs to { $to } now, to whom we have sent it. The code that you had admits nobody any more.
given-away-not-you = If you did not want that, write to us at once.

## Orders that ended without tickets

expired-subject = Time ran out: { $title }
expired = The order for { $title } was not paid in time and has ended. Nothing was charged. You can order again while there are tickets.
unpaid-called-off = { $title } is called off, and your order for it has ended. Nothing was charged.

## Cards that were declined

declined-subject = Your card was declined: { $title }
declined = your payment for { $of } did not go through: { $reason }. Nothing was charged.
declined-amount = your payment of { $amount } for { $of } did not go through: { $reason }. Nothing was charged.
declined-in-short = The payment for { $title } did not go through: { $reason }. Nothing was charged. { $time }
declined-until = Your places are yours until { $until }. Pay by then with another card, or in another way.
declined-time = Your places are yours until the time of your order runs out. Pay by then with another card, or in another way.
pay = Pay for the order
declined-funds = there is not enough money on the account
declined-expired = the card has expired, or its date was mistyped
declined-cvc = the card's security code is wrong
declined-number = the card's number is wrong
declined-authentication = your bank wants you to confirm the payment, and it was not confirmed
declined-limit = the card has reached a limit of your bank's
declined-kind = the card does not take payments of this kind
declined-bank = something went wrong at the bank, and the same card may work in a moment
declined-other = your bank declined it

## Money that goes back

refund-subject = Your money goes back: { $title }
refund-too-late = your payment for { $of } reached us after the time for it had run out, and by then somebody else had the seats. We are sorry. { $back }
refund-again = You can try again at any time: what is still free is on sale.
refund-called-off = your payment for { $of } is returned: the event was called off. { $back }
refund-whole = your payment for { $of } is returned. { $reason } { $back }
refund-expired = The order's time was over before it was paid.
refund-cancelled = The order was cancelled before it was paid.
refund-not-fulfilled = The order could not be fulfilled.
refund-places-gone = The payment came when its places could no longer be had.
refund-another-amount = Another amount was paid than was to be paid.
refund-all-back = All of your money goes back the way it came. Your bank may take some days to show it.
refund-all-back-amount = All of your money goes back the way it came: { $amount }. Your bank may take some days to show it.
refund-returned = money of your payment for { $of } goes back to you the way it came. Your bank may take some days to show it.
refund-returned-amount = money of your payment for { $of } goes back to you the way it came: { $amount }. Your bank may take some days to show it.
refund-part = This changes nothing about your tickets.
refund-void = Nothing of what you paid is left with us: tickets that were bought with it admit nobody any more.
sms-money-back = Your money for { $title } goes back. { $url }
sms-money-back-order = Your money for { $title } goes back. Order { $number }: { $url }
sms-amount-back = Your { $amount } for { $title } goes back. { $url }
sms-amount-back-order = Your { $amount } for { $title } goes back. Order { $number }: { $url }

## Tickets that went back

back-free-subject = { $tickets ->
    [one] Ticket taken back: { $title }
   *[other] Tickets taken back: { $title }
 }
back-holder-subject = { $tickets ->
    [one] Your ticket admits nobody any more: { $title }
   *[other] Your tickets admit nobody any more: { $title }
 }
back-called-off = The event was called off.
back-credit-note = Credit note { $number } is attached.
back-credit-note-in-short = Credit note { $number } is found at the order.
back-calendar = The calendar file takes the date out of your calendar.
back-free = { $tickets ->
    [one] a ticket of your order { $number } for { $title }, { $days }, was taken back. No money goes back with it.
   *[other] tickets of your order { $number } for { $title }, { $days }, were taken back. No money goes back with them.
 }
back-paid = { $tickets ->
    [one] { $amount } of your order { $number } goes back to you the way it came, for a ticket to { $title }, { $days }. Your bank may take some days to show it.
   *[other] { $amount } of your order { $number } goes back to you the way it came, for tickets to { $title }, { $days }. Your bank may take some days to show it.
 }
back-holder = { $tickets ->
    [one] your ticket for { $title }, { $days }, was given back. Who bought it is told as well.
   *[other] your tickets for { $title }, { $days }, were given back. Who bought them is told as well.
 }
back-whole = No ticket of the order is left.
back-others-buyer = The other tickets of your order are valid as before.
back-others-holder = This changes nothing about other tickets that you have.
back-void = { $tickets ->
    [one] This ticket admits nobody any more
   *[other] These tickets admit nobody any more
 }
sms-tickets-back = Tickets for { $title } were taken back: { $url }

## Events that are called off

off-subject = Called off: { $title }
off = { $title }, { $days }, is called off.
off-holder = Your ticket admits nobody any more. Who bought it is told as well.
off-free = The tickets of your order { $number } admit nobody any more.
off-returned = The tickets of your order { $number } admit nobody any more. { $amount } goes back to you, the way it came. Your bank may take some days to show it.
off-paid = The tickets of your order { $number } admit nobody any more. It was paid with { $total }; what has not gone back before goes back to you now, the way it came. Your bank may take some days to show it.
off-order-in-short = Your order is { $number }.
sms-off = { $title } is called off. { $url }
sms-off-order = { $title } is called off. Order { $number }: { $url }

## Events that were moved

moved-subject = New time: { $title }
moved = { $title } is moved to another time.
moved-begins-as-before = { $title } has other times. It begins when it was to begin.
moved-new = New: { $times }
moved-before = Before: { $instant }
moved-in-short = { $title } is moved from { $before } to { $now }.
moved-times-in-short = { $title } has other times: { $times }.
moved-valid-buyer = The tickets of your order { $number } stay valid; you need no others.
moved-valid-holder = { $tickets ->
    [one] Your ticket stays valid; you need no other.
   *[other] Your tickets stay valid; you need no other.
 }
moved-way-back-buyer = If you cannot come then: until { $until } you can give tickets back in your order { $number } at Odysseus, and all that you paid for them goes back to you.
moved-way-back-holder = { $tickets ->
    [one] If you cannot come then: who bought the ticket for you can give it back until { $until }.
   *[other] If you cannot come then: who bought the tickets for you can give them back until { $until }.
 }
moved-calendar = The calendar file moves the date in your calendar.
sms-moved = { $title } is now on { $now }. { $url }
sms-moved-order = { $title } is now on { $now }. Order { $number }: { $url }

## What begins soon

reminder-subject = Soon: { $title }, { $begins }
reminder = { $title } begins on { $begins }, at { $venue }.
reminder-doors = Doors open at { $doors }.
reminder-tickets = { $tickets ->
    [one] You have a ticket for it: it came by mail, as a PDF. Show it at the door, on paper or on a screen.
   *[other] You have { $tickets } tickets for it: they came by mail, as a PDF. Show them at the door, on paper or on a screen.
 }
sms-reminder = { $title } begins on { $begins }. { $url }

## The waiting list

offer-subject = Places for you: { $title }
offer = { $places ->
    [one] a place for { $title }, { $days }, has become free, and it is set aside for you.
   *[other] { $places } places for { $title }, { $days }, have become free, and they are set aside for you.
 }
offer-until = They are yours until { $until }, for { $total }. After that they go to whoever waits next.
offer-take = Take the places
offer-in-short = { $places ->
    [one] A place for { $title } is set aside for you until { $until }.
   *[other] { $places } places for { $title } are set aside for you until { $until }.
 }
waiting-over-subject = The waiting list is closed: { $title }
waiting-over-expired-subject = Your time to take the places is over: { $title }
waiting-over = you waited for places for { $title }, { $days }. None will come any more: { $why }.
waiting-over-expired = the places for { $title }, { $days }, that were set aside for you were not taken in time, and have gone to whoever waited next. You can join the waiting list again.
waiting-over-in-short = You wait no longer for places for { $title }: { $why }.
waiting-over-expired-in-short = The places for { $title } were not taken in time. You can join the waiting list again.
waiting-called-off = the event is called off
waiting-sales-closed = tickets are not sold any more

## Payments that are disputed

disputed-open-subject = Payment disputed: { $title }
disputed-won-subject = Dispute won: { $title }
disputed-lost-subject = Dispute lost: { $title }
disputed-of-order = order { $number } for { $title }
disputed-of = an order for { $title }
disputed-open = The buyer's bank has taken back { $amount } that was paid for { $of }: { $why }.
disputed-won = The bank has decided for you: the { $amount } that was disputed of { $of } is yours again.
disputed-lost = The bank has decided for the buyer: the { $amount } that was disputed of { $of } stays with them.
disputed-open-tickets = Its tickets admit nobody as long as that is not decided for you.
disputed-won-tickets = Its tickets admit again.
disputed-again-tickets = The same payment is disputed once more, or was lost in part: its tickets admit nobody as before.
disputed-lost-tickets = Its tickets admit nobody any more.
disputed-advice = Whoever sees to the account at the payment provider can answer there, with what shows that the buyer got what was paid for. What is not answered in time is lost.
disputed-fraudulent = the buyer says that somebody else has paid with their card
disputed-unrecognized = the buyer does not recognize the payment
disputed-duplicate = the buyer says that it was paid twice
disputed-not-received = the buyer says that they did not get the tickets
disputed-unacceptable = the buyer says that it was not what they were promised
disputed-credit = the buyer says that they were promised their money back
disputed-cancelled = the buyer says that they had cancelled it
disputed-bank = the buyer's bank does not let the payment stand
disputed-other = the bank gives no reason that says more

## Accounts

verify-subject = Is this your address?
verify = somebody, probably you, gave this address for an account with us. Open the link to show that it is yours. It works once, until { $until }.
verify-action = Yes, this is my address
not-you = If it was not you, there is nothing to do.
invited-subject = You are invited to join { $organization }
invited = { $inviter } invites you to join { $organization }: { $may }. Open the link with an account of this address, or make one; it works until { $until }.
invited-unknown = If you do not know them, there is nothing to do.
invited-action = Look at the invitation
may-everything = as an owner you may do everything, members included
may-manage = as a manager you may see to events, ticket types, orders and reports
may-sell = at the box office you may sell tickets and check them at the door
may-scan = at the door you may check tickets
guessing-subject = Somebody tries passwords on your account
guessing = { $attempts } wrong passwords were tried on your account since { $since }. Nobody got in, and where you use it already it works as ever.
guessing-advice = If it was not you, see that your password is a long one that you use nowhere else.
taken-subject = You have an account already
taken = somebody, perhaps you, tried to make an account with this address. There is one already: log in with it.
reset-subject = Choose a new password
reset = somebody, probably you, asked for a new password for your account. Open the link to choose one. It works once, until { $until }.
reset-not-you = If it was not you, there is nothing to do: your password stays as it is.
reset-action = Choose a new password
password-changed-subject = Your password was changed
password-changed = the password of your account was changed: { $at }. Wherever else you were logged in, you have to log in again.
password-changed-not-you = If it was not you, choose a new one at once: ask for it where you log in.
new-address-subject = Is this your new address?
new-address = an account with us shall have this address. Open the link to show that it is yours. It works once, until { $until }.
address-change-subject = Shall your account have another address?
address-change = your account shall have the address { $address } instead of this one. Open the link if that is what you want. It works once, until { $until }.
address-change-not-you = If it was not you, do not open the link, and choose a new password: somebody is logged in to your account.
address-change-action = Yes, change my address
address-changed-subject = Your account has another address
address-changed = your account has the address { $address } now, since { $at }. We write to this one for the last time.
address-changed-not-you = If it was not you, write to us at once.
factor-subject = How you log in was changed
factor-totp-added = a second step by an app with codes was added to how you log in: { $at }.
factor-totp-removed = the second step by an app with codes was taken away from how you log in: { $at }.
factor-passkey-added = a passkey was added to how you log in: { $at }.
factor-passkey-removed = a passkey was taken away from how you log in: { $at }.
factor-codes-renewed = you have new recovery codes; those before do not work any more: { $at }.
factor-code-used = a recovery code was used to log in to your account: { $at }. It does not work again.
factor-other = how you log in was changed: { $at }.
factor-not-you = If it was not you, choose a new password at once: ask for it where you log in.
deleted-subject = Your account is deleted
deleted = your account is deleted, as you asked. Nobody can log in to it any more. The personal data that we have of it is deleted now; where an order or a refund is still under way, once that has ended. Tickets that you have stay valid: show the PDF or paper at the door.
deleted-not-you = This is the last mail about it.

## Addresses at which no mail arrives

unreachable-subject = Our mails do not reach you
unreachable = Mail to { $address } came back. Until you have verified it again in your profile, or given another address, we send you only what you cannot do without: tickets, money, and what concerns your account.

## Mails that are stopped

stop-title = Stop these mails?
stop-ask = Do you want no more mails like this one: { $kind }?
stop-yes = Yes, stop them
stop-done-title = Done
stop-done = You get no more mails like that one: { $kind }. Tickets, and what is about your money or your account, are always sent.
stop-reminders = reminders of what begins soon
stop-offers = news from waiting lists
stop-declines = payments that did not go through

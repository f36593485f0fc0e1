### What stands on tickets and invoices, in English. `de.ftl` says the same in German, with the same variables.

## When an event is

doors-and-start = Doors { $doors } · Starts { $begins } { $zone }
start = Starts { $begins } { $zone }
ends = Ends { $ends }

## Tickets

tickets-title = { $title }: tickets of order { $number }
section = Section
row = Row
seat = Seat
admission = Admission
ticket = Ticket
name = Name
price = Price
order = Order
code = Code
at-the-door = Show the square at the door, on paper or on a screen. It lets one person in, once.

## Invoices and credit notes

invoice = Invoice
credit-note = Credit note
credit-note-for = Credit note for invoice { $number }
number = Number
date = Date
for-invoice = For invoice
sold-by = Sold by
sold-to = Sold to
nobody-known = The buyer of the order
tax-number = Tax number: { $number }
tickets = Tickets
quantity = Quantity
price-each = Price each
amount = Amount
discount = Discount
discount-by = Discount ({ $code })
fees = Fees
tax = Tax
total = Total
total-paid = Total paid
total-back = Total given back
taxes = Taxes
net = Net
gross = Gross
taxed = { $name } { $rate } %
taxed-in = { $name } { $rate } % included: { $amount }
tax-in = { $name } { $rate } % (included)
currency = All amounts are in { $currency }.
all-in = The price of each is as it was listed, with fees and taxes in it.
page = Page { $page } of { $of }

"""Replies of about 300 characters to measure speed with; written for this project, nearly all may be sent as is.

Forty-eight templates of the kinds that support writes: where a parcel is, how a thing works, what the published terms
say, what is asked for next, a refusal, a small talk. Names, numbers, days, places and products vary, so that no two
texts are alike and hardly a sentence comes twice with the same words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

SEED = 20261121


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchReply:
    """A reply and whom it goes to: `name` and `order_id` are the recipient's own."""

    text: str
    name: str
    order_id: str

    @property
    def email(self) -> str:
        """The recipient's address."""
        return self.name.lower().replace(" ", ".") + "@example.com"


_VALUES = {
    "agent": ["Jonas", "Ines", "Tove", "Marek", "Priya", "Leon", "Aiko", "Sam", "Nadia", "Oskar"],
    "carrier": ["the parcel service", "the courier", "the freight line", "the night carrier", "the pick-up shop"],
    "city": ["Portland", "Tacoma", "Boise", "Eugene", "Salem", "Spokane", "Fresno", "Reno", "Olympia", "Bend"],
    "colour": ["linen", "slate", "moss", "ochre", "charcoal", "ivory", "rust", "teal", "sand", "walnut"],
    "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    "month": ["January", "March", "April", "May", "June", "August", "September", "October", "November"],
    "part": [
        "left bracket",
        "glass shade",
        "power lead",
        "drawer runner",
        "castor",
        "hinge",
        "dimmer",
        "felt pad",
        "shelf pin",
    ],
    "product": [
        "Heron lamp",
        "oak side table",
        "Fjord bookcase",
        "Tansy armchair",
        "Lark desk",
        "Brook mirror",
        "Alder bench",
        "Pine stool",
        "Merle rug",
        "Swift pendant",
        "Drift sofa",
        "Ember lantern",
    ],
    "room": ["bedroom", "hall", "study", "kitchen", "reading corner", "nursery", "guest room", "stairwell"],
}
_NAMES = [
    "Maria Ekstrom",
    "Daniel Osei",
    "Lucia Moretti",
    "Henrik Vasko",
    "Amara Nwosu",
    "Tomas Lindqvist",
    "Grace Whitfield",
    "Yuki Tanabe",
    "Omar Haddad",
    "Elena Petrova",
    "Ruth Callahan",
    "Mateo Ibarra",
    "Nora Feldman",
    "Victor Almeida",
    "Hannah Brandt",
    "Samir Qureshi",
]

_REPLIES = """\
Hi {name}, thanks for your patience. Order {order} left our warehouse on {day} and {carrier} expects it with you in
3 to 5 business days. You can follow it from the Orders page at any time. If the {product} arrives damaged, keep the
box, send us a photo and we will look at it with you. Kind regards, {agent}

Hello {name}, the shade of the {product} comes in four colours and all of them fit the base in order {order}. The
{colour} one lets through the most light; the {colour2} one suits a {room}. Shades are sold on their own on the
lamp's page, under Parts, and standard shipping takes 3 to 5 business days. Best wishes, {agent}

Thanks for getting in touch, {name}. Returns are accepted within 30 days of delivery, and the label for {order} is
in your account under Returns. Once the item is back with us, refunds reach the original payment method 5 to 10
business days after we receive it. Please pack the {part} separately if you can. {agent}

Dear {name}, the {product} carries a 2-year limited warranty against defects in materials. Small cracks along the
grain are usual in the first winter and close again when the air gets damper. If the one in order {order} is wider
than a coin, a photo in good light will help us decide what to do next. Regards, {agent}

Hi {name}, I looked up {order}: both boxes are on the same van and have one tracking number, which is in your mail
of {day}. I have noted that the bell does not work, so the driver will knock. You can also write to us at
support@brightloom.example if anything else comes up. Have a good evening, {agent}

Hello {name}, I understand that the wait is annoying. I can't promise a day for the second {product} of {order},
because the workshop has not given us one. As soon as they do, you will get a mail with the new estimate. Until then
you can keep the order, change it, or cancel it from the Orders page. All the best, {agent}

Good morning {name}, the {product} ships in {n} parts, and part {m} holds the {part}. If your parcel has only {m}
bags of screws, please tell us the number printed on the leaflet, top right. With that I can see which bag was left
out. The rest of order {order} looks complete in our list. {agent}, Brightloom

Hi {name}! Yes, the {product} works with bulbs up to {n} watts, and an LED of {m} watts gives about the same light
as the old one. Please do not use a bulb with a wider neck: the {part} gets warm. The sheet that came with {order}
has a drawing on page {m}. Ask away if anything is unclear. {agent}

Hello {name}, you asked whether the {colour} fabric can be washed. The cover of the {product} comes off with a zip
at the back and goes into the machine at 30 degrees, inside out. Let it dry flat for a day or two. The cushion
itself should only be aired. The label on the seam of order {order} says the same. Warmly, {agent}

Dear {name}, the store in {city} has {n} of the {product} on the floor today, most of them in {colour}. They cannot
put one aside by phone, but they open at {m} on {day} and it is usually quiet then. Bring the order number {order}
if you would like to compare it with the one you have at home. Regards, {agent}

Hi {name}, the charge you see on {day} is the authorisation for {order}, not a second payment. Banks show it as
pending until the parcel is packed and then it becomes the one line you expect. If two lines are still there in {n}
days, send us a picture of the statement with the card number covered. {agent}

Thanks, {name}. To change the address on {order} we need to hear from the e-mail that the order was placed with.
Please write to support@brightloom.example from there, with the new street and the word {colour} in the subject. It
is still possible until the box is handed to {carrier}, most likely on {day}. {agent}

Hello {name}, express takes 2 business days and costs $14.99; standard shipping takes 3 to 5 business days. For the
{product} only standard is offered, because it travels on a pallet. If order {order} should come earlier, the lamp
and the {part} could travel separately. Would you like me to look at that? {agent}

Hi {name}, price adjustments are available within 7 days of purchase. Order {order} was placed on {month} {n}, so
the lower price of the {product} came too late for it, and I am sorry about that. The sale runs until {day} if you
are thinking of a second one for the {room}. Best, {agent}

Good afternoon {name}, the {product} in {colour} is out of stock and the next batch is on its way from the workshop.
We do not have a day for it yet. On the product page there is a bell: press it and you get one mail, no newsletter,
as soon as it can be ordered. Your basket keeps {order} for {n} days. {agent}

Hello {name}, thank you for the photos of the {part}. The scratch sits on the veneer and not in the wood, which is
good news. Could you tell me whether the outer carton had a dent on the same side? A yes or no is enough, and I will
add it to {order} before a colleague in the workshop looks at it. {agent}

Hi {name}, the {part} of the {product} goes in from below: turn the frame over, push it until it clicks, then give
it a quarter turn to the left. If it does not click, the small spring may sit the wrong way round. There is a film
of {n} seconds on the page of the {product}, third tab. Good luck, {agent}

Dear {name}, we looked into the missing parcel with {carrier}. They show it as handed over in {city} on {day} at {n}
past {m}. Sometimes a neighbour signs and forgets to say so, so please have a look around first. If it has not
turned up by the weekend, answer this mail and we start a search for {order}. {agent}

Hi {name}, no problem at all. The invoice for {order} is under Orders, then Documents, as a PDF with your company's
name on it. If the name is wrong, change it in your profile first and then load the page again. The {product} and
the {part} are on one page, the shipping on another. {agent}

Hello {name}, the smell of the new {product} comes from the oil on the wood and fades after {n} days in a room with
fresh air. It is plant based and was tested for toys too. Please keep the {room} window open for a while and wipe
the top with a dry cloth. Nothing needs to be done about {order}. {agent}

Thanks for asking, {name}. The {product} is {n} cm wide and {m} cm deep, legs included, so it should pass through a
door of the usual size. The {colour} one is a little heavier because the top is solid. I would measure the turn on
the stairs as well before {order} is packed on {day}. Cheers, {agent}

Hi {name}, I read your note about the {part}. It belongs to the older {product}, which we stopped making in {month}.
The new one has a thicker thread and does not fit, even though it looks the same on the picture. A hardware shop in
{city} may cut one for you; the size is M{n} by {m}. Sorry that I have no better news about {order}. {agent}

Hello {name}, the newsletter is off now for the address that {order} was placed with. It can take a day until every
list has noticed, so do not wonder if one more comes on {day}. Mails about the order itself, such as the tracking
link, are not part of it and will still reach you. Regards, {agent}

Dear {name}, the voucher in your mail can be used once, on one order, and not on shipping. It did not work on
{order} because the {product} was already reduced on {day}. It is still good until the end of {month}. If you try it
again and the page shows a code that starts with E, please send me the code. {agent}

Hi {name}! Lovely picture, the {colour} really suits the {room}. To hang the {product} straight, start with the
middle screw, leave it loose, and put a level on the upper edge. The two outer screws come last. The bag in {order}
has {n} plugs; in a wall of plasterboard you would need other ones. {agent}

Hello {name}, I am sorry to hear that the {product} wobbles. On uneven floors the {part} can be turned out by up to
{n} mm, which is usually enough. Put a cup of water on top and turn until the water stands still. If it still moves,
a short film of it would help us to see what is wrong with {order}. {agent}

Hi {name}, you can add the {product} to {order} until it is packed, which was planned for {day} morning. Open the
order, choose Add, and pay the difference. If the button is grey, we are too late and it has to be a new order.
Delivery to {city} is then on another day than the first parcel. {agent}

Good evening {name}, the two tones of {colour} that you see come from two batches of wool. Our photos were taken
with the first one in {month}. Both are within what we call the same colour, but I understand that side by side it
shows. You may send back {order} within 30 days of delivery if it bothers you. {agent}

Dear {name}, thank you for the kind words about {carrier}; I passed them on to the depot in {city}. The gate code
that you gave for {order} was used that day only and is not kept. For the next delivery you would enter it again in
the last step, below the address, in the field called Notes. All the best, {agent}

Hi {name}, the reset link works for {n} minutes and only the newest one counts, so please use the mail that came
last. It is sent from a different address than this one, and some mailboxes put it under Other. If there is none
after a quarter of an hour, tell me which browser you use and we go on from there. {agent}

Hello {name}, gift wrap is not offered for the {product} because of its size, though the {part} set can be wrapped.
A card of up to {n} words can go into any box. Write it in the basket before paying; for {order} it is too late, as
the box was closed on {day}. I hope the birthday goes well all the same. {agent}

Hi {name}, we ship within the lower 48 states only for now. A friend's address in {city} would work, and from there
you could take the {product} along yourself. The box of {order} would be {n} by {m} inches and is not too heavy for
one person. Customs papers are not something we can make. {agent}

Thanks for the measurements, {name}. With {n} cm under the slope the {product} fits in its lower version, and the
upper one does not. The lower version has {m} boards and comes in {colour} and {colour2}. It is in the shop under
the same name. If you want to switch {order} over, the Orders page has a button for it until {day}. {agent}

Hello {name}, I have checked the list for {order} twice: the {part} is on it, in the flat box that is taped below
the lid. Many people miss it, because the tape has the same colour as the board. Could you look there again? If it
is empty, tell me the four letters on the tape and I will ask the packing team. {agent}

Hi {name}, the battery of the {product} lasts about {n} evenings at half brightness. It charges in {m} hours with
any USB lead; the light on the foot turns from {colour} to green. Leave it plugged in over night before the first
use, please. The manual in {order} has the rest on its last page. {agent}

Dear {name}, a review that mentions another person by name is not shown, that is why yours is still waiting. If you
take the name of the driver out, it appears on the page of the {product} by {day}. We do not change stars or words
ourselves. Your note on {order} was read by the team in {city}. {agent}

Hello {name}, wood and heating do not like each other: keep about {n} cm between the {product} and the radiator. In
{month} the air in a {room} gets very dry, and a bowl of water does more than any oil. If a gap has opened already,
it is often gone by summer. I have put this advice beside {order} in case you ask again. {agent}

Hi {name}, the scale on the drawing is right, but the shop prints it at 94 percent, as browsers like to do. Set it
to 100 and the template for the {part} is {n} cm long. You will find the file again below {order}, under Documents.
If it still does not match, hold a ruler beside it and send me a photo. {agent}

Good morning {name}, I cannot see card details, only that the payment for {order} was made on {day} with a card. For
questions about a currency fee your bank is the right place, since it does not come from us. The total we asked for
is the one in the mail with the {colour} header. Sorry for the back and forth, {agent}

Hi {name}, pets and the {product}: the {colour} weave is tight, so claws mostly slide off, and hair comes away with
a rubber glove. The {colour2} one is softer and pulls threads. There are samples of both in the store in {city};
they can also come by mail, {n} pieces, with {order} or without. {agent}

Hello {name}, thanks for holding. {carrier} tried on {day} and left a card with a number of {n} digits; with it you
can pick another day on their page. They keep the box of {order} for a week in {city}. We cannot book the day for
you because the page asks for the card. Let me know if it does not take the number. {agent}

Dear {name}, I had a look at both baskets. The {product} is the same in each; the difference is the {part}, which
one has and the other does not. You need it only for walls made of brick. So for the {room} the smaller basket is
enough, and order {order} already has the right screws. Greetings from {city}, {agent}

Hi {name}, a business account needs the name of the company and the number from its registration. Both are checked
by a person, on working days, and there is no fee. Orders such as {order} that were placed before stay in the
private account. The form is at the foot of the page, third link from the left. {agent}

Hello {name}, no, the {product} is not meant for outside. The frame would stand it, but the {part} rusts within {n}
weeks when it gets wet. For a covered balcony in {city} I would rather take the Alder bench in {colour}. The one in
{order} can be used inside and carried out for an evening. {agent}

Hi {name}, I can see why that was confusing: the page shows the price of the {product} without the {part}, and the
basket adds it. I told the web team and they want to change the wording. You may take the {part} out of the basket
before you pay. Nothing was booked for {order} yet, as far as I can see. {agent}

Dear {name}, it is a pity that the {product} is not what you hoped for. To send it back, print the label under
Returns and stick it over the old one. {carrier} takes the box at any of its counters in {city}. Screws may be loose
in a bag. Once it arrives, the page of {order} changes to Received on its own. {agent}

Hello {name}, short answer: yes. Longer answer: the {product} from {month} and the one from {order} share the same
holes, so the {part} fits both. Take a screwdriver of size {n}, not the key from the bag, and hold the back with one
hand. I did it myself last {day} and it took ten minutes. Have fun, {agent}

Hi {name}, the page was down on {day} between {n} and {m} minutes past the hour, and your order went through all the
same: it is {order}, with one {product} in {colour}. You do not need to place it again. The mail about it was late,
and I am sorry for the scare. Nothing else is open on our side. {agent}
"""


def bench_replies() -> Iterator[BenchReply]:
    """Endless replies in an order and with values that are the same in every run."""
    chance = random.Random(SEED)  # noqa: S311 - the same texts in every run, on purpose
    texts = [" ".join(text.split()) for text in _REPLIES.split("\n\n")]
    for number in count():
        if number % len(texts) == 0:
            chance.shuffle(texts)
        values = {key: chance.choice(words) for key, words in _VALUES.items()}
        name, order_id = chance.choice(_NAMES), f"ORD-{chance.randrange(1000, 99999)}"
        text = texts[number % len(texts)].format(
            **values,
            colour2=chance.choice(_VALUES["colour"]),
            name=name.split()[0],
            order=order_id,
            n=chance.randrange(5, 60),
            m=chance.randrange(2, 12),
        )
        yield BenchReply(text=text, name=name, order_id=order_id)


def replies() -> Iterator[str]:
    """The texts alone."""
    return (reply.text for reply in bench_replies())

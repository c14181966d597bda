"""Replies of about 300 characters to measure speed with; written for this project, most may be sent as is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle

_REPLIES = """\
Hi Maria, thanks for your patience. Order ORD-{n} left our warehouse this morning and the carrier
expects it with you in 3 to 5 business days. You can follow it from the Orders page at any time. If
a parcel arrives damaged, keep the box, send us a photo and we will sort it out with you. Kind
regards, Jonas

Hello Maria, the shade of the Heron lamp comes in four colours and all of them fit the base in order
ORD-{n}. The linen one lets through the most light; the felt one suits a bedroom. Shades are sold on
their own on the lamp's page, under Parts, and standard shipping takes 3 to 5 business days. Best
wishes, Ines

Thanks for getting in touch, Maria. Returns are accepted within 30 days of delivery, and the label
for ORD-{n} is in your account under Returns. Once the item is back with us, refunds reach the
original payment method 5 to 10 business days after we receive it. Please pack the legs separately
if you can. Jonas

Dear Maria, the oak side table carries a 2-year limited warranty against defects in materials. Small
cracks along the grain are usual in the first winter and close again when the air gets damper. If
the one in order ORD-{n} is wider than a coin, a photo in good light will help us decide what to do
next. Regards, Ines

Hi Maria, I looked up ORD-{n}: both boxes are on the same van and have one tracking number, which is
in your mail of Tuesday. I have noted that the bell does not work, so the driver will knock. You can
also write to us at support@brightloom.example if anything else comes up. Have a good evening, Jonas

Hello Maria, I understand that the wait is annoying. I can't promise a day for the second chair of
ORD-{n}, because the workshop has not given us one. As soon as they do, you will get a mail with the
new estimate. Until then you can keep the order, change it, or cancel it from the Orders page. All
the best, Ines
"""


def replies() -> Iterator[str]:
    """Endless replies, each different from the last by its order number."""
    numbers = count(1000)
    texts = [" ".join(text.split()) for text in _REPLIES.split("\n\n")]
    return (text.format(n=next(numbers)) for text in cycle(texts))

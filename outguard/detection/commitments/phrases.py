"""Finite expressions over whole texts that tell how a reply is to be read. Every repeat is bounded: linear time."""

from __future__ import annotations

import re

INSIDE_FIELD = re.compile(
    r"(?i)(?:[._]|^)(?:_\w+|\w*(?:internal|debug|trace|scratch|prompt|memo|comment|remark|reasoning|note|hint|crm|audit)\w*)"
)
"""A payload path that nobody reads as the company's word."""

ANSWERED = re.compile(r"(?i)\s{0,9}(?:re|aw|sv|antw|fw|fwd|wg|tr)\s?:")
"""A subject line that repeats another's words, mostly the customer's."""

SAME_AGAIN = re.compile(r"(?i)(?<=[.!])\s{1,2}(?:and )?(?:the )?(?:same|ditto|likewise)\b[^.!?\n]{1,120}")
"""A sentence that says the one before it of something else too."""

ROW_BEHIND = re.compile(r"[^\n]{0,200}\n(\|[^\n]{1,300})")
"""The row behind that of a claim in a table."""

REST = re.compile(r"(?<![.!?\n])(?:[^.!?\n]|\.(?=\d)){1,200}")
"""What is left of a sentence."""

_GO_ON = r"(?:proceed|go ahead|continue|confirm|make|do|process|cancel|book|update|change|exchange|return)"
PROPOSAL = re.compile(
    rf"(?i)\b(?:(?:would|do) you (?:like|want|wish) (?:me )?to {_GO_ON}"
    r"|(?:do|can|could|would) you (?:please )?(?:confirm|agree)"
    r"|please confirm (?:that )?you (?:want|wish|would like|agree)"
    r"|\breply (?:with )?[\"'\u201c\u2018]?yes[\"'\u201d\u2019]? "
    r"(?:to (?:confirm|proceed|go|accept|agree|continue)|and (?:i|we))\b"
    r"|\bif (?:yes|so), (?:i|we)(?:['\u2019]ll| will)\b"
    r"|is (?:all (?:of )?)?(?:this|that|everything|it all) (?:all )?(?:correct|right)\b"
    r"|(?:please|just) (?:confirm|reply|say|answer|type|respond)[^.\n]{0,160}"
    r"(?:yes|proceed|confirm|go ahead|correct|before)"
    r"|shall i (?:proceed|go ahead|do|book|cancel)|want me to (?:proceed|go ahead|do)|yes or no|before i proceed"
    r"|let me know if you(?:'d| would) like (?:me )?to (?:proceed|go ahead)"
    r"|once you confirm|if you confirm|with your confirmation|is that (?:correct|right|okay|ok)\?)"
    r"|\(yes(?:/no)?\b"
)
"""Words that ask for leave: what is promised beside them waits for a yes."""

TOLD_AS_DONE = re.compile(
    r"(?i)['\u2019]ve\b|\b(?:have|has|been|now|was|were|is|are|done|sorted|gone|went"
    r"|(?:i|we) (?:just |also |already )?(?:\w{2,20}ed|sent|put|took|made|gave|paid|set))\b"
)
"""Words of a deed that no longer waits for a yes."""

PLAIN_DEED = re.compile(
    r"(?i)\b(?:i|we)(?:['\u2019]ll| will)? (?:\w{2,12} ){0,2}?"
    r"(?:refund|reimburse|compensate|credit|waive|cancel|replace)(?:l?e?d)?\b"
    r"|\b(?:is|are)(?: now)? (?:refund|reimburs|compensat|credit|waiv|cancel|replac)"
)
"""Where the plainest words may say that a deed was or will be done."""

_LEADS_IN = r"(?:(?:just )?to (?:confirm|summari[sz]e|recap|be clear|make sure)[,:]? |so,? |okay,? |got it[,:]? )?"
WISH = re.compile(
    rf"(?i)[^\w]{{0,6}}(?:\d{{1,2}}[.)] )?{_LEADS_IN}"
    r"you(?:['\u2019]d (?:like|prefer|rather)| would (?:like|prefer|rather)| want| wish| prefer"
    r"|['\u2019]ve (?:asked|requested|chosen)"
    r"| (?:have )?(?:also )?(?:asked|requested|chosen|chose|mentioned|said|told)"
    r"|(?:['\u2019]re| are) (?:asking|requesting|looking))\b"
)
"""A clause that repeats what the customer wants."""

THEIR_DEED = re.compile(
    r"(?i)[^\w]{0,6}(?:(?:and|but|so|since|because|as|now|that) )?you(?:['\u2019]ve| have) "
    r"(?:(?:already|just|also|now|only|recently) )?"
    r"(?!been\b|got\b|won\b|earned\b|received\b|nothing\b|my\b|our\b|until\b|\d)\w{2,20}(?:ed|en|id|nt|ne|ut|de|ld)\b"
)
"""A clause that tells what the customer did."""

_HEARD = (
    r"(?:read|seen|noted|received|reviewed|checked|looked|listened|heard|watched|noticed|located|found|logged|escalated"
    r"|passed|forwarded|flagged|attached|copied|compared|discussed|asked|thought|spoken|talked|counted|searched|traced)"
)
TOGETHER = re.compile(
    r"(?i)[^\w]{0,6}(?:(?:now|next|so|okay|great|first|then|and),? |(?:now that|since|once) [^,.\n]{1,60}, )?"
    r"let['\u2019]s\b"
)
"""What is done next, with the customer."""
HANDLED = re.compile(
    rf"(?i)(?:\b(?:i|we)(?:['\u2019]ve| have)|\b(?:has|have) been) "
    rf"(?:(?:now|just|also|already|both|all|carefully|twice) )?{_HEARD}\b"
)
"""Looking at a thing or handing it on, told as done: no deed."""
DEED_BESIDE = re.compile(r"(?i)\b(?:and|then|so|will|going to)\b|['\u2019]ll\b")

DEPENDS = re.compile(
    r"(?i)[^\w]{0,6}(?:(?:and|but|so) )?(?:should|were) (?:you|they|it|the|he|she|that|any|an?|our|your)\b"
    r"|\b(?:depends? (?:on|upon)|depending (?:on|upon)|subject to|provided (?:that|you|the|it)|(?<!for )as long as)\b"
    r"|\b(?:is|are) up to (?:your|the|our|their|them|him|her|whoever)\b"
    r"(?! (?:full|whole|entire|total|amount|price|value|cost|limit|maximum|first|next|last|\d))"
    r"|\b(?:is|are) (?:still )?being (?:checked|reviewed|looked (?:at|into)|examined|considered|assessed|verified)\b"
)
"""What waits for something is not promised."""

DENIED = re.compile(
    r"(?i)\b(?:said|say|says) no to\b"
    r"|\b(?:can['\u2019]?t|cannot|can not|couldn['\u2019]t|could not) (?:go|come|be (?:paid|put|sent)) back\b"
    r"|(?:n['\u2019]t|\bnot|\bnever|\bno|\bcannot) (?:\w+ ){0,2}guarantee"
    r"|\b(?:is|are|falls?|comes?|becomes?) due (?:on|by|in|at|before|when)\b"
)
"""A refusal, or what the customer owes."""

OURS = re.compile(r"(?i)\b(?:i|we|our|us)\b|\b(?:will|has|have) been\b")

OWN_DEVICE = re.compile(
    r"(?i)\b(?:on|(?:re)?start(?:ing)?|reboot(?:ing)?|(?:un)?plug(?:ging)?|unlock(?:ing)?) your (?:own )?"
    r"(?:phone|device|handset|mobile|computer|laptop|tablet|router|modem|browser|tv|console|watch|end)\b"
)
"""Where the customer switches things, not the company."""

PAID_FROM = re.compile(
    r"(?i)\b(?:from|using|with) your [^.;\n]{0,30}\b(?:gift card|card|paypal|wallet)\b"
    r"(?![^.;\n]{0,60}\b(?:back|refund\w{0,3}|returned|remov\w{1,3})\b)"
)
"""The customer's own means of payment, told as what they pay with."""

CHARGED = re.compile(
    r"(?i)\b(?:added|put|goes?|going|charged|billed|shown|appears?|collected|comes?|come|due)\b[^.;\n]{0,20}"
    r"\b(?:to|on|onto|with) (?:your|the) (?:next |monthly |final |coming |following |usual ){0,2}"
    r"(?:payment|bill|invoice|statement|direct debit|instal?lment|rent|premium|order|box)\b"
)
"""What the customer pays, not what is given."""
GIVES = re.compile(
    r"(?i)\b(?:credit\w{0,3}|off|discount\w{0,2}|minus|refund\w{0,3}|free|deduct\w{0,3}|voucher|less|back|waive\w{0,2}"
    r"|reduc\w{1,5}|cheaper|lower\w{0,2}|knock\w{0,2}|drop\w{0,3}|half|per ?cent|gift|bonus|goodwill|gesture"
    r"|instead|matched)\b"
    r"|%|[-\u2013\u2212] ?[£$€]"
)
"""Words of giving, which are in no mere charge."""
LIMIT = re.compile(
    r"(?i)\b(?:over|above|under|below|beyond|more than|less than|up to|at least|exceed\w{0,3}|beneath) (?:the )?\Z"
)
"""Before a sum: it is a limit."""

RETURNED = re.compile(
    r"(?i)\b(?:returns?|returned|returning|(?:sen[dt]|bring|ship|give) (?:it|them|that|\w+ \w+) back)\b"
)
REPAID = re.compile(r"(?i)\b(?:refund\w{0,3}|money|amount|funds|sum|repayments?)\b")
SENT = re.compile(
    r"(?i)\b(?:shipping|shipment|ships?|express|courier|carrier|parcels?|(?:standard|next-day|home) deliver(?:y|ies)"
    r"|delivers|deliveries|dispatch\w{0,2}|in the post)\b"
)
"""What a time is of, where words only state it: of returning a thing, of money back, of its way to the customer."""

FORGIVEN = re.compile(
    r"(?i)\b(?:waive\w{0,2}|forgiven?|(?:off|lifted|dropp?(?:ed)?|removed?|credited|refund\w{0,3}|back|cancel\w{0,5}"
    r"|reverse\w{0,2}|write|written|gone|struck|halve\w{0,2}|reduce\w{0,2}))\b"
)
"""Words of letting somebody off a fee."""

CAME_TO_NOTHING = re.compile(
    r"(?i)\b(?:could(?:n['\u2019]t| not)|can(?:['\u2019]t|not)"
    r"|(?:was|were|am|are|is)(?:n['\u2019]t| not) (?:able|possible)|unable to|failed|fell through"
    r"|did(?:n['\u2019]t| not) (?:go through|work|succeed|come through)|too late"
    r"|(?:was|were|been|is) (?:turned down|turned away|declined|refused|denied|rejected)|said no"
    r"|(?:was|were) (?:tried|attempted)|(?:turned|sent) (?:it|them|that|this) (?:down|away|back)|bounced"
    r"|(?<!charge )(?<!fee )(?<!debit )(?:was|were|been|got) (?:[\w-]{2,12} ){0,3}(?:undone|rolled back)"
    r"|(?:refund|credit|payment|transfer|cancellation|replacement|waiver|voucher)\b(?:[^.;\n]|\.(?=\d)){0,40}"
    r"\b(?:was|were|been|is|got) (?:\w{2,12} )?(?:reversed|undone|taken back|withdrawn|rolled back|revoked))\b"
    r"(?!.{0,80}\b(?:but|instead|so|anyway|still)\b)"
)
"""Words that say of a deed that it was not done, with no other behind them."""

WAITS = re.compile(
    r"(?i)(?:\b(?:is|are|was|being|been|still|getting)|['\u2019]s|['\u2019]re) "
    r"(?:(?:now|still|just|being|currently) ){0,2}"
    r"(?:checked|reviewed|looked (?:at|into|over)|assessed|considered|examined|weighed|read)\b"
    r"|\bwith (?:the|our|my) (?:\w{2,20} ){0,2}"
    r"(?:team|desk|department|office|board|committee|colleagues|supervisor|manager)\b"
    r"|\b(?:under|in) (?:review|consideration)\b|\bin the queue\b|\btrying to\b"
    r"|\bwait(?:s|ing)? (?:for|on)\b|\bawait\w{0,3}\b"
    r"|\b(?:has|have) (?:reached us|arrived|come in"
    r"|been (?:received|lodged|filed|put (?:to|before)|(?:passed|handed) (?:on )?to))\b"
)
"""Words that say of a thing that it is looked at, no more."""

GRANTED = re.compile(
    r"(?i)\b(?:granted|approved|agreed|booked|confirmed|done|yours|issued|refunded|credited|cancelled|canceled|waived"
    r"|ready|printed|sent|paid|sorted|back (?:on|in|with)|on (?:its|their|the) way|going to|go ahead|in your name"
    r"|set up)\b|(?:\bwill|['\u2019]ll)\b(?! (?:tell|let|write|hear|know|be in touch|get back to|come back to)\b)"
)
"""Words beside them that say more."""

ADMITS = re.compile(
    r"(?i)\b(?:not|no|nothing|never|cannot|\w{1,12}n['\u2019]t|pending|waiting|waits?|still|yet|review\w{0,4}|declined|denied"
    r"|refused|rejected|failed|turned down|unable|unfortunately|request\w{0,4}|asked for|reversed|undone|taken back"
    r"|came back|until|if|once|whether|may|might|aún|todavía|pendiente|nicht|noch|pas|encore|non"
    r"|não|ainda|nie|jeszcze)\b"
)
"""Words that deny, wait or hedge, in the languages that replies are often in."""

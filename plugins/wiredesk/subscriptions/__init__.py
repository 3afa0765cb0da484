"""Who is to be polled, as files say it. Pure: bytes and values in, values out.

opml        OPML, the format in which readers exchange subscriptions
listing     a YAML file under version control, the whole list in one place
difference  what such a file would change
outlook     what a feed looks like before it is subscribed to
urls        the URL of a feed, as a person types it
"""

from wiredesk.models import Subscription
from wiredesk.subscriptions.opml import read_opml, write_opml
from wiredesk.subscriptions.urls import feed_url

__all__ = ["Subscription", "feed_url", "read_opml", "write_opml"]

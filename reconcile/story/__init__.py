"""The story of an order, settlement or document: where it is, what happened, where the money is, what is wrong, who
is next, and what the customer is told."""

from reconcile.story.elsewhere import shipping_candidate
from reconcile.story.models import Candidate, Story
from reconcile.story.search import candidates, order_candidate
from reconcile.story.tell import find_story, tell

__all__ = ["Candidate", "Story", "candidates", "find_story", "order_candidate", "shipping_candidate", "tell"]

"""How content customers are: asks once after a conversation is resolved, takes answers, tells figures."""

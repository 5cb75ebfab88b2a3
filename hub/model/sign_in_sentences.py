"""What the hub says about who comes in: sign-in, agents, teams, tokens; a part of `sentences.py`."""

from collections.abc import Mapping

SIGN_IN_REFUSALS: Mapping[str, str] = {
    # Signing in
    "password_short": "A password needs at least %(least)s characters.",
    "password_long": "A password may have %(most)s characters at most.",
    "password_personal": "The password must not be your name or e-mail address.",
    "password_common": (
        "This password is among those that are tried first: choose another one, such as several words."
    ),
    "wrong_sign_in": "The e-mail address or the password is wrong.",
    "wrong_password": "The password is wrong.",
    "wrong_code": "The code is wrong, or it has been used already.",
    "too_many_attempts": "Too many attempts. Try again in a while.",
    "ticket_stale": "That took too long. Enter your password again.",
    "code_needed": "Enter the code of your authenticator app, or a recovery code.",
    "enrolment_lost": "Begin with the second factor once more.",
    "enrolment_code_wrong": "The code is wrong. Check the clock of your phone.",
    "link_spent": "This link does not work any more. Ask for a new one.",
    "form_stale": "This page was open for too long, or the form came from another page. Try again.",
    "oidc_none": "Single sign-on has not been set up.",
    "oidc_away": "The sign-in service cannot be used just now. Try again in a while, or use your password.",
    "oidc_stale": "That took too long, or was begun in another browser. Sign in once more.",
    "oidc_declined": "The sign-in service did not let you in.",
    "oidc_unknown": "There is no agent with your e-mail address here. Ask an admin to add you.",
    "oidc_no_group": "You are in none of the groups that may use Hubbub. Ask an admin.",
    "oidc_unverified": "The sign-in service has not verified your e-mail address.",
    "oidc_somebody_else": (
        "This agent is linked to somebody else at the sign-in service. Ask an admin to unlink it."
    ),
    "sign_in_disabled": "This sign-in has been disabled.",
    # Agents, teams, tokens
    "only_admins": "Only admins may do that.",
    "only_admins_audit": "Only admins may read the audit log.",
    "only_admins_tokens": "Only admins may see the tokens of others.",
    "only_admins_admin_token": "Only admins may make a token that does what admins do.",
    "agent_gone": "There is no such agent.",
    "team_gone": "There is no team %(team)s.",
    "team_there": "There is a team %(name)s already.",
    "teams_many": "There are %(most)s teams already.",
    "last_admin": "This is the last admin: make somebody else an admin first.",
    "name_needed": "A name is needed, of %(most)s characters at most.",
    "email_wrong": "This is not an e-mail address.",
    "email_taken": "There is an agent with the address %(email)s already.",
    "signature_long": "A signature has %(most)s characters at most.",
    "token_title": "Give the token a name of %(most)s characters at most: what is it for?",
    "token_scope": "Choose what the token may do.",
    "token_past": "The token must end in the future.",
    "token_wider": "A token cannot make one that may do more than itself.",
    "token_longer": "A token cannot make one that lasts longer than itself.",
    "token_many": "You have %(most)s tokens: revoke one that is not used any more.",
    "time_of_day": "A time of day is between 00:00 and 23:59.",
}

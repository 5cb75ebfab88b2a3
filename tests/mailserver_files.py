"""What Dovecot and Postfix are told for `tests.mailserver`: their configuration as text. Pure."""

from dataclasses import dataclass
from pathlib import Path

DOMAINS = ("hub.test", "example.test")  # ours and the customers': mail to anywhere else is refused
ISSUER = "https://login.example.test"


@dataclass(frozen=True)
class Ports:
    imap: int
    imaps: int
    lmtp: int
    sasl: int
    smtp: int
    submission: int
    smtps: int


def dovecot_conf(folder: Path, ports: Ports, user: str, group: str, uid: int, gid: int) -> str:
    """Runs unprivileged; answers a wrong password at once; every mailbox has a quota rule of its own.

    Long because it is one configuration file.
    """
    return f"""
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
first_valid_gid = {gid}
last_valid_gid = 0
mail_location = maildir:{folder}/home/%u/Maildir
mail_max_userip_connections = 500
mail_plugins = $mail_plugins quota
plugin {{
  quota = maildir:User quota
  quota_grace = 0
}}
disable_plaintext_auth = yes
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login xoauth2 oauthbearer
auth_cache_size = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
  override_fields = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
}}
imap_idle_notify_interval = 30 s
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {ports.imap}
  }}
  inet_listener imaps {{
    port = {ports.imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports.lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {ports.sasl}
  }}
}}
service anvil {{
  chroot =
  # Or the failed logins of one test make those of the next wait for seconds.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def oauth2_conf(folder: Path) -> str:
    """Tokens are checked against a public key on disk: no identity provider is asked."""
    return f"""
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
issuers = {ISSUER}
"""


def main_cf(folder: Path, mail: Path, ports: Ports) -> str:
    """Postfix with its own queue; delivers to Dovecot by LMTP and nowhere else.

    Long because it is one configuration file.
    """
    return f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.test
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = {", ".join(DOMAINS)}
virtual_transport = lmtp:inet:127.0.0.1:{ports.lmtp}
default_transport = error:5.7.1 outbound mail is off in tests
smtpd_tls_security_level = may
smtpd_tls_cert_file = {mail}/cert.pem
smtpd_tls_key_file = {mail}/key.pem
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{ports.sasl}
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_delay_reject = no
smtpd_error_sleep_time = 0
in_flow_delay = 0
message_size_limit = 26214400
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
recipient_delimiter = +
smtputf8_enable = yes
bounce_queue_lifetime = 1m
header_size_limit = 102400
"""


def master_cf(ports: Ports) -> str:
    submission = (
        "-o smtpd_tls_security_level=encrypt -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"
    )
    wrapped = f"-o smtpd_tls_wrappermode=yes {submission}"
    services = (
        f"127.0.0.1:{ports.smtp} inet n - n - - smtpd",
        f"127.0.0.1:{ports.submission} inet n - n - - smtpd {submission}",
        f"127.0.0.1:{ports.smtps} inet n - n - - smtpd {wrapped}",
        "pickup unix n - n 60 1 pickup",
        "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr",
        "rewrite unix - - n - - trivial-rewrite",
        "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce",
        "trace unix - - n - 0 bounce",
        "verify unix - - n - 1 verify",
        "flush unix n - n 1000? 0 flush",
        "proxymap unix - - n - - proxymap",
        "smtp unix - - n - - smtp",
        "relay unix - - n - - smtp",
        "showq unix n - n - - showq",
        "error unix - - n - - error",
        "retry unix - - n - - error",
        "discard unix - - n - - discard",
        "local unix - n n - - local",
        "virtual unix - n n - - virtual",
        "lmtp unix - - n - - lmtp",
        "anvil unix - - n - 1 anvil",
        "scache unix - - n - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
    )
    return "\n".join(services) + "\n"

"""The sample that the local wire serves: invented publishers, their feeds and stories, in two editions."""

# What polling it needs: it stands on loopback, and its fifteen papers share one host.
SAMPLE_SETTINGS = {"WIREDESK_ALLOW_HOSTS": "127.0.0.1/32", "WIREDESK_PER_HOST_GAP_S": "0"}

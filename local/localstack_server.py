"""Runs LocalStack 4.7.0 with two of its habits mended: python localstack_server.py FOLDER.

Runs in LocalStack's own virtual environment. As it is, it listens on every address of the machine whatever
GATEWAY_LISTEN says, and keeps larger S3 objects in one fixed folder, where two instances with a bucket of the same
name delete each other's files.
"""

import functools
import sys

from localstack.runtime.main import main
from localstack.services.s3 import provider
from twisted.internet import endpoints

endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")
provider.DEFAULT_S3_TMP_DIR = sys.argv[1]
sys.exit(main())

#!/usr/bin/env python3
"""A function that only publishes: boto3 where it is installed, as Lambda brings it, else what comes with Python."""

import json
import os
import ssl  # noqa: F401  what any call to AWS loads
import urllib.parse
import urllib.request

try:
    import boto3

    SNS = boto3.client("sns", region_name=os.environ["AWS_REGION"])
    WITH = "boto3 " + boto3.__version__
except ImportError:
    SNS = None
    WITH = "json, ssl and urllib, without boto3 and signatures"

RUNTIME = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
TOPIC = os.environ["ALERT_TOPIC_ARN"]


def publish(subject, message):
    if SNS:
        SNS.publish(TopicArn=TOPIC, Subject=subject, Message=message)
        return
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": TOPIC, "Subject": subject, "Message": message}
    credential = "simulated/20260101/" + os.environ["AWS_REGION"] + "/sns/aws4_request"
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=" + credential + ", SignedHeaders=host, Signature=none"}
    body = urllib.parse.urlencode(form).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/", body, headers)).read()


while True:
    with urllib.request.urlopen(RUNTIME + "next") as invocation:
        batch, request = json.load(invocation), invocation.headers["Lambda-Runtime-Aws-Request-Id"]
    publish("backup jobs failed", json.dumps(batch))
    answer = json.dumps({"with": WITH}).encode()
    urllib.request.urlopen(urllib.request.Request(RUNTIME + request + "/response", answer)).read()

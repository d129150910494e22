"""Uptime Kuma: the beats of its status page, each of which holds until the next. usage: kuma.py FOLDER"""
import sys

import samples
from common import Judge

# The page does not say how many beats there were.
j = Judge(sys.argv[1], complete=False)
samples.judge(j)
j.done()

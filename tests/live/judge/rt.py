"""Request Tracker: every ticket figure, from pages that were read while tickets changed. usage: rt.py FOLDER"""
import sys

import tickets
from common import Judge

j = Judge(sys.argv[1])
tickets.judge(j, {1: "P1", 2: "P2", 3: "P3", 4: "P4"})
tickets.once(j)
j.done()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""validate.py SCHEMA-FOLDER FILE...: every line is EVE once the object `sekimori` is taken away.

Against every released schema of the folder (schema-suricata-*.json)."""
import glob
import json
import sys

import jsonschema

bad = lines = 0
schemas = sorted(glob.glob(sys.argv[1] + "/schema-suricata-*.json"))
validators = []
for name in schemas:
    schema = json.load(open(name))
    validators.append((name.rsplit("/", 1)[1], jsonschema.validators.validator_for(schema)(schema)))
for path in sys.argv[2:]:
    for number, line in enumerate(open(path), 1):
        event = json.loads(line)
        if "sekimori" not in event:
            print(f"{path}:{number}: no object sekimori")
            bad += 1
        event.pop("sekimori", None)
        lines += 1
        for name, validator in validators:
            for error in validator.iter_errors(event):
                print(f"{path}:{number}: {name}: {'/'.join(map(str, error.path))}: {error.message[:200]}")
                bad += 1
if not schemas or not lines:
    print("nothing to validate")
    bad += 1
sys.exit(1 if bad else 0)

"""THE SITE'S OFFICE: slots at the scanners, billing records, sets on the shelf; by hand or by a bot.

appointments   which slot an acquisition gets
billing        points for each report
stock          sets that acquisitions take, and orders
"""

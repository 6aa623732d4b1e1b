"""Webhooks: services that hear of what happens here.

`endpoints` knows who is told of what, `queue` the messages on their way, `courier` sends them, `presets`
how each service wants to be asked, `signing` the signatures. Of those that call us `callers` knows who may,
`senders` how each shows who it is and what it says. What happened is read off the branch by
`gitcms.events`.
"""

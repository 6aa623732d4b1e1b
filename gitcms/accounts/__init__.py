"""People: who they are, how they prove it, what they may do. Nothing of Flask lives here.

`users` the people, `passwords` how a password is judged and kept, `links` single-use links,
`oidc` what other providers' answers prove, `identities` who is who there, `second_factor` codes,
`sign_in` the one way in, `attempts` how often one may try, `sessions` who is signed in where,
`audit` what happened to accounts,
`permissions` the one table of who may do what, `refusals` the errors of this room.
"""

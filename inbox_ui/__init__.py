"""The pages agents work in: server-rendered, kept live by small scripts. No business rules.

`mounting.set_up(app, Pages(...))` mounts everything. Where things are:

    /desk/…      pages and forms; the session's cookie goes nowhere else
    /assets/…    style, scripts and icons, named by their content, kept for a year
    /files/…     attachments by signed link, without cookie, as downloads

A page is a view model (`rows`, `timeline`, `conversation`) and a template; the partial that draws a row or an
entry on the page draws it for `live`, too.
"""

"""Signing in and out, and the first change of password: plain pages that work without scripts.

Owns these forms, the session cookie and the way out. Promises: one message for every failure, so that no name can be
tried out; the cookie is HttpOnly and SameSite=Strict; the session lives in governance and ends there at once; whoever
still has a one-time password sees nothing but the form to change it.
"""

from flask import Blueprint, g, make_response, redirect, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from config.errors import FairgateError
from dashboard.guard import COOKIE, NEW_PASSWORD, SIGN_IN, SIGN_OUT, maybe_viewer, viewer
from dashboard.notices import NOTICE, notice_due
from dashboard.school import school

pages = Blueprint("door", __name__, template_folder="templates")
_STALE = "Please fill in both fields. If this page had been open for long, just send it again."


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Who, and their password; the base class adds the token against forged posts."""

    username = StringField(validators=[InputRequired(), Length(max=200)])
    password = PasswordField(validators=[InputRequired(), Length(max=1000)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The one-time password and the one chosen instead."""

    old = PasswordField(validators=[InputRequired(), Length(max=1000)])
    new = PasswordField(validators=[InputRequired(), Length(max=1000)])


class SignOutForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the token against forged posts."""


@pages.get(SIGN_IN)
def ask() -> Response:
    """The form; whoever is signed in already goes straight on."""
    return redirect("/") if maybe_viewer() else _page("sign_in.html", SignInForm())


@pages.post(SIGN_IN)
def enter() -> Response:
    """Check the password and start a session."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _page("sign_in.html", form, _STALE, 400)
    try:
        session = school().governance.sign_in(form.username.data, form.password.data)
    except FairgateError as refused:
        return _page("sign_in.html", form, str(refused), 401)
    answer = redirect(NEW_PASSWORD if session.must_change_password else _way_on(session.token), 303)
    secure = school().settings.dashboard.behind_https
    answer.set_cookie(COOKIE, session.token, httponly=True, samesite="Strict", secure=secure)
    return answer


def _way_on(token: str) -> str:
    """The notice, where somebody of the staff is to be shown it; else the pages."""
    g.viewer = school().governance.session(token)
    return NOTICE if notice_due() is not None else "/"


@pages.get(NEW_PASSWORD)
def ask_new() -> Response:
    """The form for the first change of password."""
    return _page("new_password.html", PasswordForm())


@pages.post(NEW_PASSWORD)
def change() -> Response:
    """Change it; that ends every session of the account, so they sign in anew."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page("new_password.html", form, _STALE, 400)
    try:
        school().governance.accounts.change_password(viewer().account_id, form.old.data, form.new.data)
    except FairgateError as refused:
        return _page("new_password.html", form, str(refused), 400)
    return _gone()


@pages.post(SIGN_OUT)
def leave() -> Response:
    """End the session, here and in governance."""
    if SignOutForm().validate_on_submit():
        school().governance.sign_out(request.cookies.get(COOKIE, ""))
        return _gone()
    return redirect("/", 303)


def _gone() -> Response:
    answer = redirect(SIGN_IN, 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="Strict")
    return answer


def _page(template: str, form: FlaskForm, fault: str = "", status: int = 200) -> Response:
    here = school()
    name, demonstration = here.settings.school_name, here.demonstration
    page = render_template(template, form=form, fault=fault, school_name=name, demonstration=demonstration)
    return make_response(page, status)

"""A small bot that uses every way of answering; it is an ordinary discord.py bot and knows of no local Discord."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import discord
from discord import app_commands, ui
from discord.ext import commands
from PIL import Image

ANYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
ANYONE = app_commands.AppInstallationType(guild=True, user=True)
Interaction = discord.Interaction[discord.Client]


def picture(name: str = "out.png", description: str | None = None) -> discord.File:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(data, "PNG")
    data.seek(0)
    return discord.File(data, name, description=description)


class Controls(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Again", custom_id="again", emoji="🔁")
    async def again(self, interaction: Interaction, _: ui.Button[Controls]) -> None:
        await interaction.response.edit_message(content="edited by the button", view=self)

    @ui.button(label="Draw", custom_id="draw")
    async def draw(self, interaction: Interaction, _: ui.Button[Controls]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="drawn", attachments=[picture("drawn.png")])

    @ui.button(label="Think", custom_id="think")
    async def think(self, interaction: Interaction, _: ui.Button[Controls]) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("thought about it")

    @ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: Interaction, _: ui.Button[Controls]) -> None:
        await interaction.response.send_message("never")

    @ui.select(
        custom_id="layer",
        placeholder="Layer",
        options=[discord.SelectOption(label=f"Layer {n}", value=str(n), default=n == 0) for n in range(3)],
    )
    async def layer(self, interaction: Interaction, select: ui.Select[Controls]) -> None:
        await interaction.response.send_message(f"layer {select.values[0]}", ephemeral=True)


class Form(ui.Modal, title="A question"):
    words = ui.Label(text="Words", component=ui.TextInput(custom_id="words", min_length=2, max_length=20))
    tone = ui.Label(
        text="Tone",
        component=ui.Select(
            custom_id="tone", options=[discord.SelectOption(label=x, value=x) for x in ("kind", "dry")]
        ),
    )

    async def on_submit(self, interaction: Interaction) -> None:
        assert isinstance(self.words.component, ui.TextInput)
        assert isinstance(self.tone.component, ui.Select)
        await interaction.response.send_message(f"{self.words.component.value} ({self.tone.component.values[0]})")


def card(text: str = "# Heat map") -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    gallery = ui.MediaGallery(discord.MediaGalleryItem("attachment://out.png", description="a red picture"))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow(ui.Button(label="Next", custom_id="next"))
    link = ui.Section(
        ui.TextDisplay("More"), accessory=ui.Button(label="Paper", url="https://arxiv.org/abs/1706.03762")
    )
    inside = (ui.TextDisplay(text), gallery, ui.Separator(), link, row)
    view.add_item(ui.Container(*inside, accent_colour=discord.Colour(0x123456)))
    return view


class SampleBot(commands.Bot):
    """`hold` lets a test stop the /slow command until it says go; `errors` collects what commands raised."""

    def __init__(self, *, intents: discord.Intents | None = None, synced: bool = True) -> None:
        super().__init__(
            commands.when_mentioned,
            intents=intents or discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=ANYWHERE,
            allowed_installs=ANYONE,
            guild_ready_timeout=0.1,
            help_command=None,
        )
        self.synced = synced
        self.hold = asyncio.Event()
        self.hold.set()
        self.errors: asyncio.Queue[BaseException] = asyncio.Queue()
        self.resumed = asyncio.Event()
        self.tree.on_error = self.collect  # type: ignore[method-assign]
        for define in (define_answers, define_options, define_slow):
            define(self.tree, self)

    async def setup_hook(self) -> None:
        self.add_view(Controls())
        if self.synced:
            await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits five seconds before it identifies again; a test does not."""

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def collect(self, _: Interaction, error: app_commands.AppCommandError) -> None:
        self.errors.put_nowait(getattr(error, "original", error))


def define_answers(tree: app_commands.CommandTree, bot: SampleBot) -> None:
    @tree.command(description="answer at once, with controls and an embed")
    async def direct(interaction: Interaction) -> None:
        embed = discord.Embed(title="t", description="d").set_image(url="attachment://out.png")
        await interaction.response.send_message("hello", view=Controls(), embed=embed, file=picture())
        followup = await interaction.followup.send("more", ephemeral=True, wait=True)
        await followup.edit(content="even more")

    @tree.command(description="a picture after thinking")
    @app_commands.describe(text="what to draw")
    async def draw(interaction: Interaction, text: str) -> None:
        await interaction.response.defer(thinking=True)
        message = await interaction.edit_original_response(
            content=f"done {text}", attachments=[picture("out.png", description="alt text")], view=Controls()
        )
        await interaction.edit_original_response(attachments=[*message.attachments, picture("two.png")])

    @tree.command(name="card", description="components version 2")
    async def card_(interaction: Interaction, private: bool = False) -> None:
        await interaction.response.defer(ephemeral=private)
        await interaction.edit_original_response(view=card(), attachments=[picture()])

    @tree.command(description="deletes its answer, then explains in private")
    async def gone(interaction: Interaction, explain: bool = True) -> None:
        await interaction.response.defer()
        await interaction.delete_original_response()
        if explain:
            await interaction.followup.send("sorry", ephemeral=True)

    @tree.command(description="opens a form")
    async def form(interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    @tree.command(description="says something with mentions")
    async def shout(interaction: Interaction, ping: bool) -> None:
        allowed = discord.AllowedMentions.all() if ping else discord.AllowedMentions.none()
        await interaction.response.send_message(f"@everyone {interaction.user.mention}", allowed_mentions=allowed)

    @tree.context_menu(name="Repeat")
    async def repeat(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{message.author.display_name} said: {message.content}")

    @tree.context_menu(name="Greet")
    async def greet(interaction: Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"hello {user.name}")


def define_options(tree: app_commands.CommandTree, bot: SampleBot) -> None:
    @tree.command(description="every kind of option")
    @app_commands.describe(text="3 to 8 characters", count="how many", share="a part", model="which", who="somebody")
    @app_commands.choices(
        model=[app_commands.Choice(name="Small", value="s"), app_commands.Choice(name="Big", value="b")]
    )
    async def options(
        interaction: Interaction,
        text: app_commands.Range[str, 3, 8],
        count: app_commands.Range[int, 0, 10] = 5,
        share: app_commands.Range[float, 0.0, 1.0] = 0.5,
        loud: bool = False,
        model: str = "s",
        who: discord.User | None = None,
        layer: str = "",
    ) -> None:
        said = (text, count, share, loud, model, who and who.name, layer)
        await interaction.response.send_message(repr(said), ephemeral=True)

    @options.autocomplete("layer")
    async def suggest(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"layer {n}", value=str(n)) for n in range(3) if current in f"layer {n}"]

    group = app_commands.Group(name="lab", description="experiments")

    @group.command(description="of three matrices")
    async def weights(interaction: Interaction, seed: int) -> None:
        await interaction.response.send_message(f"seed {seed} in {interaction.guild and interaction.guild.id}")

    tree.add_command(group)


def define_slow(tree: app_commands.CommandTree, bot: SampleBot) -> None:
    @tree.command(description="answers when the test lets it")
    @app_commands.describe(how="what it does before and after it was held")
    async def slow(interaction: Interaction, how: str) -> None:
        steps: dict[str, Callable[[], object]] = {
            "reply": lambda: interaction.response.send_message("late"),
            "defer": lambda: interaction.response.defer(),
            "tell": lambda: interaction.edit_original_response(content="⏳ not yet"),
            "edit": lambda: interaction.edit_original_response(content="edited"),
            "wait": bot.hold.wait,
            "follow": lambda: interaction.followup.send("followed"),
            "raw": lambda: answer_again(interaction),
        }
        for step in how.split():
            await steps[step]()  # type: ignore[misc]


async def answer_again(interaction: Interaction) -> None:
    """Answer although it was answered: what a second process of the same bot would do."""
    interaction.response._response_type = None  # pyright: ignore[reportPrivateUsage]
    await interaction.response.send_message("twice")

using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Configuration;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>The options that select one of the four configuration files.</summary>
internal sealed class ConfigLevels
{
    private readonly (Option<bool> Option, ConfigLevel Level)[] options =
    [
        (new("--global") { Description = "Use the user's settings." }, ConfigLevel.Global),
        (new("--system") { Description = "Use the machine's settings." }, ConfigLevel.System),
        (new("--project") { Description = "Use the repository's settings (.dvc/config)." }, ConfigLevel.Repository),
        (new("--local") { Description = "Use the settings of this copy only (.dvc/config.local)." }, ConfigLevel.Local),
    ];

    public void AddTo(Command command) => Array.ForEach(options, o => command.Options.Add(o.Option));

    public ConfigLevel? Of(ParseResult parsed)
    {
        var given = options.Where(o => parsed.GetValue(o.Option)).ToList();
        return given.Count > 1
                ? throw ServerlessException.Invalid($"{given[0].Option.Name} cannot be used together with {given[1].Option.Name}.")
            : given.Count == 0 ? null
            : given[0].Level;
    }

    /// <summary>The settings that apply to the current folder. Outside a repository, only the user's and the machine's.</summary>
    public static RepositoryConfig Load() =>
        RepositoryConfig.Load(
            Repository.FindRoot(Environment.CurrentDirectory) is { } root ? Path.Combine(root, Repository.ControlName) : null
        );

    public static ConfigFile File(RepositoryConfig config, ConfigLevel level) =>
        ConfigFile.Load(
            config.PathOf(level)
                ?? throw ServerlessException.Invalid(
                    "config file error: Not inside a DVC repo",
                    "Create one with `mlops init`, or use --global for the user's settings."
                )
        );
}

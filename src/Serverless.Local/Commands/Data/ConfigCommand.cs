using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Configuration;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

internal static class ConfigCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name")
        {
            Description = "Option name: section.option or remote.name.option.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var value = new Argument<string?>("value") { Description = "Value to set.", Arity = ArgumentArity.ZeroOrOne };
        var unset = new Option<bool>("--unset", "-u") { Description = "Remove the option." };
        var list = new Option<bool>("--list", "-l") { Description = "List all options." };
        var origin = new Option<bool>("--show-origin") { Description = "Show the file that each option comes from." };
        var levels = new ConfigLevels();
        var command = new Command("config", "Show or change settings of the data repository.") { name, value, unset, list, origin };
        levels.AddTo(command);
        command.WithExample("mlops config cache.type hardlink,copy");
        return command.Guard(
            (parsed, _) =>
            {
                var config = ConfigLevels.Load();
                var level = levels.Of(parsed);
                if (parsed.GetValue(list))
                {
                    List(config, level, parsed.GetValue(origin));
                    return Task.FromResult(0);
                }

                var (section, key) = Split(parsed.GetValue(name) ?? throw ServerlessException.Invalid("name argument is required"));
                if (parsed.GetValue(value) is not { } text)
                {
                    return Task.FromResult(
                        parsed.GetValue(unset)
                            ? Unset(config, level, section, key)
                            : Get(config, level, section, key, parsed.GetValue(origin))
                    );
                }

                var file = ConfigLevels.File(config, level ?? ConfigLevel.Repository);
                file.Set(section, key, RemoteCommand.Stored(section, key, text, file.Path));
                file.Save();
                if ((section, key) is ("cache", "type"))
                {
                    Console.Error.WriteLine(
                        "WARNING: You have changed the 'cache.type' option. This doesn't update any existing workspace file links, but "
                            + "it can be done with:\n             mlops checkout --relink"
                    );
                }

                return Task.FromResult(0);
            }
        );
    }

    private static int Get(RepositoryConfig config, ConfigLevel? level, string section, string key, bool origin)
    {
        var found = config.All.Where(o => o.Section == section && o.Key == key).ToList();
        if (level is { } only)
        {
            found = [.. Read(config, only).Where(o => o.Section == section && o.Key == key).Select(o => (o.Section, o.Key, o.Value, only))];
            if (found.Count == 0)
            {
                throw Absent(Read(config, only), section, key);
            }
        }

        foreach (var option in found)
        {
            Console.Out.WriteLine((origin ? Origin(config, option.Level) : "") + option.Value);
        }

        return 0;
    }

    private static int Unset(RepositoryConfig config, ConfigLevel? level, string section, string key)
    {
        var file = ConfigLevels.File(config, level ?? ConfigLevel.Repository);
        if (!file.Remove(section, key))
        {
            throw Absent(file.Options(), section, key);
        }

        file.Save();
        return 0;
    }

    private static void List(RepositoryConfig config, ConfigLevel? level, bool origin)
    {
        foreach (var each in level is { } one ? [one] : Enum.GetValues<ConfigLevel>())
        {
            foreach (var (section, key, value) in Read(config, each))
            {
                Console.Out.WriteLine($"{(origin ? Origin(config, each) : "")}{section.Replace(':', '.')}.{key}={value}");
            }
        }
    }

    private static IEnumerable<(string Section, string Key, string Value)> Read(RepositoryConfig config, ConfigLevel level) =>
        config.PathOf(level) is { } path ? ConfigFile.Load(path).Options() : [];

    private static string Origin(RepositoryConfig config, ConfigLevel level)
    {
        var path = config.PathOf(level)!;
        return (
                level is ConfigLevel.Repository or ConfigLevel.Local
                    ? Path.GetRelativePath(Repository.FindRoot(Environment.CurrentDirectory)!, path)
                    : path
            ) + "\t";
    }

    private static (string Section, string Key) Split(string name)
    {
        var parts = name.Split('.');
        return parts.Length == 2 ? (parts[0].ToLowerInvariant(), parts[1].ToLowerInvariant())
            : parts.Length >= 3 && parts[0] is "remote" or "db"
                ? ($"{parts[0]}:{string.Join('.', parts[1..^1]).ToLowerInvariant()}", parts[^1].ToLowerInvariant())
            : throw ServerlessException.Invalid("name argument should look like remote.name.option or db.name.option or section.option");
    }

    private static ServerlessException Absent(IEnumerable<(string Section, string Key, string Value)> options, string section, string key)
    {
        var (kind, shown) = section.Split(':', 2) is [var top, var rest] ? (top, rest) : ("section", section);
        return ServerlessException.NotFound(
            options.Any(o => o.Section == section)
                ? $"config file error: option '{key}' doesn't exist in {kind} '{shown}'"
                : $"config file error: {kind} '{shown}' doesn't exist"
        );
    }
}

namespace Serverless.Dvc.Reading.Templating;

/// <summary>Reads the `[parsing]` section of the nearest .dvc/config and .dvc/config.local.</summary>
internal static class DvcConfig
{
    public static CommandStyle CommandStyle(string directory)
    {
        var style = new CommandStyle();
        for (var folder = new DirectoryInfo(directory); folder is not null; folder = folder.Parent)
        {
            var dvc = Path.Combine(folder.FullName, ".dvc");
            if (Directory.Exists(dvc))
            {
                return Read(Path.Combine(dvc, "config.local"), Read(Path.Combine(dvc, "config"), style));
            }
        }

        return style;
    }

    private static CommandStyle Read(string path, CommandStyle style)
    {
        if (!File.Exists(path))
        {
            return style;
        }

        var section = "";
        static string Plain(string value) => value.Split('#')[0].Trim().Trim('"', '\'');
        foreach (var line in File.ReadLines(path).Select(l => l.Trim()))
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']', ' ');
            }
            else if (section == "parsing" && line.Split('=', 2) is [var name, var value])
            {
                style = name.Trim() switch
                {
                    "bool" => style with { BooleanOptional = Plain(value) == "boolean_optional" },
                    "list" => style with { ListAppend = Plain(value) == "append" },
                    _ => style,
                };
            }
        }

        return style;
    }
}

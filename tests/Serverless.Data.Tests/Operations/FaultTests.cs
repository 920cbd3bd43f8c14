using System.Diagnostics;
using System.Runtime.InteropServices;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Operations;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;

namespace Serverless.Data.Tests.Operations;

/// <summary>Disks, names and neighbours that misbehave: a clear message, and nothing lost.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_link_that_leads_to_itself_is_named()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        File.CreateSymbolicLink(folder.At("d/loop"), folder.At("d/loop"));

        Assert.Contains("leads back to itself", Refused(folder, "d"));
    }

    [Fact]
    public void A_link_to_nothing_is_named()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        File.CreateSymbolicLink(folder.At("d/dead"), folder.At("nowhere"));

        Assert.Contains("is a symbolic link whose target does not exist", Refused(folder, "d"));
    }

    [Fact]
    public void A_link_to_a_file_is_its_content_and_a_link_to_a_folder_above_is_not_entered()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        folder.Write("outside", "2");
        File.CreateSymbolicLink(folder.At("d/link"), folder.At("outside"));
        Directory.CreateSymbolicLink(folder.At("d/up"), folder.At("d"));
        using var repository = folder.Open();

        Assert.Equal(["a", "link"], new ContentReader(repository).Save(folder.At("d"))!.Listing!.Files.Select(f => f.Path));
    }

    [Fact]
    public void A_name_that_is_no_UTF8_is_refused()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        Shell(folder, "printf 1 > \"d/$(printf 'x\\377y')\"");

        try
        {
            Assert.Contains("not valid UTF-8", Refused(folder, "d"));
        }
        finally
        {
            Shell(folder, "rm -rf d");
        }
    }

    [Fact]
    public void Names_that_differ_only_in_case_or_normal_form_are_different_files()
    {
        using var folder = new Folder();
        string[] names = ["a", "A", "\u00e9", "e\u0301", "\U0001F600", "\uFF21"];
        foreach (var name in names)
        {
            folder.Write("d/" + name, name);
        }

        Add(folder, "d");
        Directory.Delete(folder.At("d"), recursive: true);
        using var repository = folder.Open();
        new CheckoutOperation(repository).Run([]);

        Assert.All(names, n => Assert.Equal(n, File.ReadAllText(folder.At("d/" + n))));
    }

    [Fact]
    public void A_file_that_is_written_while_it_is_read_is_refused()
    {
        using var folder = new Folder();
        var file = folder.Write("f", new string('x', 100));
        var before = FileStat.Of(file)!.Value;
        using var repository = folder.Open();
        var reader = new ContentReader(repository);
        reader.BeforeCheck = path => File.AppendAllText(path, "more");

        var e = Assert.Throws<ServerlessException>(() => reader.Save(file));

        Assert.Contains("changed while it was being read", e.Message);
        Assert.Equal(ErrorCodes.ResourceConflict, e.Code);
        Assert.Null(repository.State.Find(before));
    }

    [Fact]
    public void A_file_that_appears_while_a_folder_is_read_is_noticed()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        using var repository = folder.Open();
        var reader = new ContentReader(repository) { BeforeCheck = _ => folder.Write("d/b", "2") };

        Assert.Contains("changed while it was being read", Assert.Throws<ServerlessException>(() => reader.Save(folder.At("d"))).Message);
    }

    [Fact]
    public void A_crash_between_cache_and_pointer_is_made_good_by_the_same_command()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        using (var repository = folder.Open())
        {
            // The state is not written, the pointer is not there: what a killed process leaves. So does a file half written.
            new ContentReader(repository).Save(folder.At("d"));
            File.WriteAllText(repository.Cache.TemporaryPath("c4ca4238a0b923820dcc509a6f75849b"), "half");
        }

        Add(folder, "d");

        Assert.Contains("nfiles: 1", File.ReadAllText(folder.At("d.dvc")));
    }

    [Fact]
    public void A_damaged_listing_in_the_cache_is_no_crash()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        Add(folder, "d");
        using var repository = folder.Open();
        var content = PointerFile.Load(repository, folder.At("d.dvc")).Outputs[0];
        var path = repository.Cache.PathOf(content.Digest!);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(path, "[{\"md5\": \"");
        Directory.Delete(folder.At("d"), recursive: true);

        var report = new CheckoutOperation(repository).Run([]);

        Assert.Single(report.Failed);
    }

    [Fact]
    public async Task Two_commands_take_turns()
    {
        using var folder = new Folder();
        using var first = folder.Open();
        using var second = folder.Open();
        var turn = first.Lock();
        var waiting = Task.Run(() => second.Lock());

        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(TimeSpan.FromMilliseconds(100)));
        turn.Dispose();
        using var taken = await waiting.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_full_disk_leaves_pointer_and_data_as_they_were()
    {
        using var folder = new Folder();
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Geteuid() == 0 && TryShell(folder, "mkdir cache && mount -t tmpfs -o size=2m tmpfs cache"),
            "needs the right to mount"
        );
        try
        {
            folder.Write(".dvc/config", "[core]\n    no_scm = True\n[cache]\n    dir = ../cache\n");
            folder.Write("small", "1");
            Add(folder, "small");
            File.WriteAllBytes(folder.At("large"), new byte[4 << 20]);
            Directory.CreateDirectory(folder.At("many"));
            for (var i = 0; i < 8; i++)
            {
                File.WriteAllBytes(folder.At($"many/{i}"), [.. Enumerable.Repeat((byte)i, 500_000)]);
            }

            Assert.Equal(28, Assert.ThrowsAny<IOException>(() => Add(folder, "large")).HResult);
            Assert.Equal(28, Assert.ThrowsAny<IOException>(() => Add(folder, "many")).HResult);

            Assert.False(File.Exists(folder.At("large.dvc")));
            Assert.False(File.Exists(folder.At("many.dvc")));
            Assert.Equal(8, Directory.GetFiles(folder.At("many")).Length);
            Assert.Empty(Directory.GetFiles(folder.At("cache"), ".*.tmp", SearchOption.AllDirectories));
            using var repository = folder.Open();
            Assert.All(
                Directory.GetFiles(folder.At("cache/files/md5"), "*", SearchOption.AllDirectories),
                f => Assert.Equal(Path.GetFileName(Path.GetDirectoryName(f)) + Path.GetFileName(f), FileHash.Of(f).ToString())
            );
        }
        finally
        {
            Shell(folder, "umount cache");
        }
    }

    [Theory]
    [InlineData("f")]
    [InlineData(".dvc/cache")]
    public void What_this_user_may_not_touch_is_named(string path)
    {
        using var folder = new Folder();
        Assert.SkipWhen(OperatingSystem.IsWindows() || Geteuid() == 0, "root may touch everything");
        folder.Write("f", "1");
        Directory.CreateDirectory(folder.At(".dvc/cache"));
        File.SetUnixFileMode(folder.At(path), UnixFileMode.None);

        Assert.ThrowsAny<Exception>(() => Add(folder, "f"));
        Assert.False(File.Exists(folder.At("f.dvc")));
    }

    private static void Add(Folder folder, string name)
    {
        using var repository = folder.Open();
        new AddOperation(repository).Run([folder.At(name)], new AddOptions());
    }

    private static string Refused(Folder folder, string name)
    {
        var e = Assert.Throws<ServerlessException>(() => Add(folder, name));
        Assert.False(File.Exists(folder.At(name + ".dvc")));
        return e.Message;
    }

    private static void Shell(Folder folder, string line) => Assert.True(TryShell(folder, line));

    private static bool TryShell(Folder folder, string line)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", line]) { WorkingDirectory = folder.Root, RedirectStandardError = true }
        )!;
        shell.WaitForExit();
        return shell.ExitCode == 0;
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint Geteuid();
}

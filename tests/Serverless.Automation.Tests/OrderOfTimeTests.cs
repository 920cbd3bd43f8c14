using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Testing;

namespace Serverless.Automation.Tests;

/// <summary>What came first is first, whatever it is called; a schedule comes when crontab says.</summary>
public sealed class OrderOfTimeTests(AzuriteFixture azurite) : PolicyTest(azurite)
{
    [Fact]
    public async Task Uploads_of_one_look_are_versioned_in_the_order_of_upload_and_not_of_their_names()
    {
        await ApplyAsync(Drift);
        var monday = await Main.DropAsync("z-monday.csv", Same(1));
        var tuesday = await Main.DropAsync("a-tuesday.csv", Same(2));
        while (tuesday.LastModified <= monday.LastModified)
        {
            // The store's clock has seconds.
            tuesday = await Main.DropAsync("a-tuesday.csv", Same(2));
        }

        await new InboxWatch(Main.Engine, _ => { }).LookAsync();

        var versions = await Main.Datasets.ListVersionsAsync("d");
        Assert.Equal(["z-monday.csv", "a-tuesday.csv"], versions.OrderBy(v => v.Version).Select(v => v.File));
    }

    [Fact]
    public void A_schedule_with_a_day_of_the_month_and_one_of_the_week_comes_on_either()
    {
        var trigger = new ScheduleTrigger("s", "0 9 1 * 1", TimeZoneInfo.Utc);
        var times = new List<string>();
        for (var at = new DateTimeOffset(2026, 1, 1, 10, 0, 0, TimeSpan.Zero); times.Count < 6; )
        {
            at = trigger.After(at)!.Value;
            times.Add(at.ToString("MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(["01-05 09:00", "01-12 09:00", "01-19 09:00", "01-26 09:00", "02-01 09:00", "02-02 09:00"], times);
    }

    [Fact]
    public void A_daily_schedule_counts_every_day_of_a_long_downtime()
    {
        var trigger = new ScheduleTrigger("s", "0 3 * * *", TimeZoneInfo.Utc);

        var due = trigger.Due(Start, Start.AddDays(10));

        Assert.Equal(10, due!.Value.Count);
    }
}
